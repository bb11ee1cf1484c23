# Lists what pyarrow reads from golden.parquet: python3 list.py > golden.parquet.txt
import pyarrow, pyarrow.parquet as pq

file = pq.ParquetFile('golden.parquet')
print('pyarrow', pyarrow.__version__)
print(file.schema_arrow.to_string(show_schema_metadata=False))
print('compression', {file.metadata.row_group(0).column(i).compression for i in range(file.metadata.num_columns)})
for row in file.read().to_pylist():
    print({k: str(v) if k in ('start', 'end') else v for k, v in row.items()})
print(file.metadata.metadata[b'fm.card'].decode())
