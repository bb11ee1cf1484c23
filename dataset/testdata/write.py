# Writes pyarrow.parquet, which the reader's test reads (pyarrow 26.0.1).
import datetime, pyarrow as pa, pyarrow.parquet as pq

utc = datetime.timezone.utc
pq.write_table(pa.table({
    'small': pa.array([1, None, 255], pa.uint8()),
    'big': pa.array([2**64 - 1, 0, None], pa.uint64()),
    'minus': pa.array([-5, 7, None], pa.int32()),
    'half': pa.array([0.1, None, float('nan')], pa.float32()),
    'double': pa.array([0.1, -0.0, float('inf')], pa.float64()),
    'yes': pa.array([True, False, None], pa.bool_()),
    'word': pa.array(['a', None, 'ü'], pa.string()).dictionary_encode(),
    'digits': pa.array(['1', '2.5', ''], pa.string()),
    'ms': pa.array([datetime.datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=utc), None, datetime.datetime(1970, 1, 1, tzinfo=utc)], pa.timestamp('ms', 'UTC')),
    'us': pa.array([datetime.datetime(2026, 1, 2, 3, 4, 5, 6), None, None], pa.timestamp('us')),
}), 'pyarrow.parquet', row_group_size=2, compression='snappy')
