//go:build !amd64

package tree

// kernels returns the kernels that this processor can run, the best first.
func kernels() []kernel { return []kernel{generic} }

const noKernel = "tree: this processor has no such kernel"

func (f *compiled) encode512([]uint8, []float64) { panic(noKernel) }

func (f *compiled) encode256([]uint8, []float64) { panic(noKernel) }

func mask256(*uint8, *[4]uint64, *uint8, *maskNode, int) { panic(noKernel) }

func mask512(*[blockRows]uint8, *uint64, *uint8, *maskNode, int) { panic(noKernel) }

func add512(*[blockRows]float64, *float64, *[blockRows]uint8) { panic(noKernel) }

func addFloat512(*[blockRows]float64, *float64, *[blockRows]uint8) { panic(noKernel) }

func walk512(*[walkLanes]uint32, *walkNode, *uint8, *[walkLanes]uint32, int, int, int) {
	panic(noKernel)
}

func rankRow512(*uint32, *float64, *uint64, *eight, int) { panic(noKernel) }
