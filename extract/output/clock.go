package output

const (
	second = int64(1e9)
	day    = 86400 * second
)

// appendTime writes t, ns since 1970, as RFC 3339 with nine digits of nanoseconds in
// UTC: 2026-01-02T03:04:05.000000006Z. All int64 times lie in the years 1677 to 2262.
func appendTime(dst []byte, t int64) []byte {
	days, ns := t/day, t%day
	if ns < 0 {
		days--
		ns += day
	}
	// Civil date from days: years start in March, so that the leap day is the last of
	// the year; 400 years are 146,097 days (proleptic Gregorian calendar).
	z := uint64(days + 719468) // days since 0000-03-01
	era := z / 146097
	doe := z % 146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d := doy - (153*mp+2)/5 + 1
	y, m := yoe+era*400, mp+3
	if m > 12 {
		y, m = y+1, m-12
	}
	sec := uint64(ns / second)
	frac := uint64(ns % second)
	var b [30]byte
	two := func(at int, v uint64) { b[at], b[at+1] = byte('0'+v/10), byte('0'+v%10) }
	two(0, y/100)
	two(2, y%100)
	b[4] = '-'
	two(5, m)
	b[7] = '-'
	two(8, d)
	b[10] = 'T'
	two(11, sec/3600)
	b[13] = ':'
	two(14, sec/60%60)
	b[16] = ':'
	two(17, sec%60)
	b[19] = '.'
	for i := 28; i > 19; i-- {
		b[i] = byte('0' + frac%10)
		frac /= 10
	}
	b[29] = 'Z'
	return append(dst, b[:]...)
}
