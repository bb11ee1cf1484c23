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

# Lists, groups, decimals and the rarer types.
import decimal
import numpy as np
pq.write_table(pa.table({
    'list': pa.array([[1, None, 3], [], None, [4]], pa.list_(pa.int64())),
    'floats': pa.array([[0.5], [1.5, 2.5], None, []], pa.list_(pa.float64())),
    'words': pa.array([['a', 'b'], None, [], ['c']], pa.list_(pa.string())),
    'group': pa.array([{'a': 1, 'b': 'x'}, None, {'a': None, 'b': None}, {'a': 4, 'b': 'y'}], pa.struct([('a', pa.int32()), ('b', pa.string())])),
    'money': pa.array([decimal.Decimal('12.34'), decimal.Decimal('-0.01'), None, decimal.Decimal('99999999999.99')], pa.decimal128(20, 2)),
    'small': pa.array([decimal.Decimal('1.5'), decimal.Decimal('-2.5'), None, decimal.Decimal('0.1')], pa.decimal128(4, 1)),
    'day': pa.array([datetime.date(2026, 1, 2), None, datetime.date(1969, 12, 31), datetime.date(1970, 1, 1)], pa.date32()),
    'half': pa.array(np.array([0.5, -65504, 6e-8, np.inf], np.float16)),
    'empty': pa.array([None] * 4, pa.string()),
    'old': pa.array([datetime.datetime(2026, 1, 2, 3, 4, 5, 6000), None, None, None], pa.timestamp('ns')),
}), 'nested.parquet', compression='none', use_deprecated_int96_timestamps=True, store_decimal_as_integer=True)

# One column a codec, 200 rows each, in several pages.
n = pa.array(np.arange(200) % 70 * 0.25)
pq.write_table(pa.table({c: n for c in ('none', 'snappy', 'gzip', 'zstd')}), 'codecs.parquet', use_dictionary=False, data_page_size=500,
               write_batch_size=50, compression={c: c for c in ('none', 'snappy', 'gzip', 'zstd')}, data_page_version='2.0')
pq.write_table(pa.table({'n': n.slice(0, 100)}), 'lz4.parquet', compression='lz4')
