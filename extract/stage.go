package extract

import (
	"runtime"
	"sync"
)

// partRecords is the least that is worth a goroutine of a pure stage.
const partRecords = 128

// process runs the stages on ordered records. Neighbouring pure stages run together, on
// parts of the records at once; the first error by stage and position counts.
func process(stages []Stage, recs []Record) error {
	for len(stages) > 0 {
		if !stages[0].Pure() {
			if err := stages[0].Process(recs); err != nil {
				return err
			}
			stages = stages[1:]
			continue
		}
		n := 1
		for n < len(stages) && stages[n].Pure() {
			n++
		}
		if err := split(stages[:n], recs); err != nil {
			return err
		}
		stages = stages[n:]
	}
	return nil
}

// split runs pure stages on parts of recs.
func split(stages []Stage, recs []Record) error {
	parts := min(runtime.GOMAXPROCS(0), len(recs)/partRecords)
	if parts < 2 {
		return each(stages, recs)
	}
	errs := make([]error, parts)
	var wg sync.WaitGroup
	for i := range parts {
		part := recs[i*len(recs)/parts : (i+1)*len(recs)/parts]
		wg.Go(func() { errs[i] = each(stages, part) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func each(stages []Stage, recs []Record) error {
	for _, s := range stages {
		if err := s.Process(recs); err != nil {
			return err
		}
	}
	return nil
}
