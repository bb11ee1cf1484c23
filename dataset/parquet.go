package dataset

import (
	"errors"
	"os"
)

type parquetRows struct {
	rows
	card *Card
}

func openParquet(f *os.File, size int64) (*parquetRows, error) { return nil, errors.New("x") }
