"""Snappy in every framing that Kafka's producers use, through the batches of both clients."""

import struct
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import cramjam
import pytest
from aiokafka import codec as aiokafka_codec
from aiokafka.record._crecords import default_records as aiokafka_records
from kafka import codec as kafka_python_codec
from kafka.record import default_records as kafka_python_records

from streams.kafka import connections, snappy
from streams.records.codec import MAX_VALUE_BYTES
from streams.worker.faust_adapter import app

app.install()
connections.install_snappy_decoder()

RECORDS = bytes(range(256)) * (2 * MAX_VALUE_BYTES // 256)
MAGIC = b"\x82SNAPPY\0"
CLIENTS = {"aiokafka": aiokafka_records, "kafka-python": kafka_python_records}


def stream(content: bytes, version: bytes = struct.pack(">ii", 1, 1), size: int = 32 * 1024) -> bytes:
    blocks = [bytes(cramjam.snappy.compress_raw(content[at : at + size])) for at in range(0, len(content), size)]
    return MAGIC + version + b"".join(struct.pack(">i", len(block)) + block for block in blocks)


FRAMINGS: dict[str, Callable[[bytes], bytes]] = {
    "a raw block": lambda content: bytes(cramjam.snappy.compress_raw(content)),
    "a stream": stream,
    "a stream with its versions in little endian": lambda content: stream(content, struct.pack("<ii", 1, 1)),
    "a stream of another version": lambda content: stream(content, struct.pack(">ii", 2, 1)),
    "a stream with blocks of 1 MiB": lambda content: stream(content, size=2**20),
    "two streams": lambda content: stream(content[:100_000]) + stream(content[100_000:]),
    "a stream and one without blocks": lambda content: stream(content) + stream(b""),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_batch_is_read_in_every_framing(client: str, framing: str) -> None:
    builder: Any = CLIENTS[client].DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 4 * MAX_VALUE_BYTES)
    builder.append(0, timestamp=1, key=b"k", value=RECORDS, headers=[])
    plain = bytes(builder.build())
    header = CLIENTS[client].DefaultRecordBatch(bytearray(plain))
    assert header.validate_crc()
    # The batch again, with its records compressed: attributes stand behind the checksum, records behind 61 bytes.
    packed = bytearray(plain[:61] + FRAMINGS[framing](plain[61:]))
    packed[21:23] = struct.pack(">h", 2)
    (record,) = CLIENTS[client].DefaultRecordBatch(packed)
    assert record.value == RECORDS


@pytest.mark.parametrize(
    ("decode", "framing"),
    [
        (aiokafka_codec.snappy_decode, "a stream with its versions in little endian"),
        (aiokafka_codec.snappy_decode, "a stream of another version"),
        (aiokafka_codec.snappy_decode, "two streams"),
        (aiokafka_codec.snappy_decode, "a stream and one without blocks"),
        (kafka_python_codec.snappy_decode, "two streams"),
        (kafka_python_codec.snappy_decode, "a stream and one without blocks"),
    ],
)
def test_the_clients_own_decoders_still_fail_at_these(decode: Callable[[bytes], bytes], framing: str) -> None:
    """When this test fails for all framings of a client, the client needs no decoder of Telex any more.

    The decoders are installed by streams.worker.faust_adapter.app and streams.kafka.connections.
    """
    with pytest.raises(Exception):  # noqa: B017, PT011 (any exception)
        decode(FRAMINGS[framing](RECORDS))


def test_a_stream_that_ends_too_early_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        snappy.decode(stream(RECORDS)[:-1])


def test_a_consumer_installs_the_decoder_like_every_client() -> None:
    """The test starts a process, in which no other client has connected before."""
    program = """
from kafka.errors import KafkaError
from kafka import codec as kafka_python_codec
from kafka.record import default_records
from streams.kafka import snappy
from streams.kafka.consumers import new_consumer
from streams.settings import Settings
try:
    new_consumer(Settings(bootstrap_servers="127.0.0.1:1"))
except KafkaError:
    print(default_records.snappy_decode is snappy.decode)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True\n"
