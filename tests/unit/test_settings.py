"""The settings: the documented table equals the code, and an error names the variable, never its value."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from platformdirs.unix import Unix

from streams.errors import TelexError
from streams.settings import Settings, load

PAGE = (Path(__file__).parents[2] / "docs/settings.md").read_text()
ROWS = re.findall(r"^\| `TELEX_(\w+)` \| ([^|]*) \| (.*) \|$", PAGE, re.MULTILINE)
DEFAULTS = {name: default for name, default, _ in ROWS}
# Every setting with a rule refuses this text: it is no number, no name and in no list.
NONSENSE = "p4ss/w0rd word"
WITH_A_RULE = set(DEFAULTS) - {"WEB_HOST", "SASL_USERNAME", "SASL_PASSWORD", "WEBHOOK_SECRET"}
WITH_A_RULE -= {name for name in DEFAULTS if name.endswith(("_DIR", "_FILE"))}
# The table's words for Python's defaults.
WORDS = {
    "None": "unset",
    "": "empty",
    "{}": "none",
    "60.0": "60",
    "86400.0": "86400",
    "False": "false",
    "PydanticUndefined": "half of the processors",
}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment without Telex's variables."""
    for name in [name for name in os.environ if name.upper().startswith("TELEX_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def unix(monkeypatch: pytest.MonkeyPatch) -> Unix:
    """The default folders of a user of Linux."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return Unix("telex")


def test_the_table_has_every_setting_in_the_order_of_the_code_with_its_description() -> None:
    assert [(name, meaning) for name, _, meaning in ROWS] == [
        (name.upper(), field.description) for name, field in Settings.model_fields.items()
    ]


def test_the_table_has_every_default(unix: Unix) -> None:
    documented = {name: default.strip("`") for name, default in DEFAULTS.items()}
    folders = {"DATA_DIR": unix.user_data_dir, "CACHE_DIR": unix.user_cache_dir}
    assert {name: str(Path(documented.pop(name)).expanduser()) for name in folders} == folders
    defaults = {name: str(Settings.model_fields[name.lower()].default) for name in documented}
    assert documented == {name: WORDS.get(default, default) for name, default in defaults.items()}


def test_half_of_the_processors_is_at_least_one() -> None:
    assert load().processes == max(1, (os.cpu_count() or 2) // 2)


def test_nothing_leaves_the_machine_by_default() -> None:
    settings = load()
    assert (settings.bootstrap_servers, settings.web_host) == ("127.0.0.1:9092", "127.0.0.1")


@pytest.mark.parametrize("name", sorted(WITH_A_RULE))
def test_the_error_for_a_value_names_its_variable_and_not_the_value(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TELEX_{name}", NONSENSE)
    with pytest.raises(TelexError, match=rf"^A setting cannot be used: TELEX_{name}: .+\.$") as refused:
        load()
    report = "".join(traceback.format_exception(refused.value))
    assert not any(word in report for word in NONSENSE.split())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARTITIONS", "0"),
        ("REPLICATION_FACTOR", "0"),
        ("WEB_PORT", "65530"),
        ("WEB_TOKEN", "x" * 15),
        ("WEB_PORT", "-1"),
        ("BROKER_PORT", "65536"),
        ("PROCESSES", "0"),
        ("PROCESSES", "1.5"),
        ("BATCH_SIZE", "1001"),
        ("ANALYSIS_TIMEOUT_S", "0"),
        ("ANALYSIS_TIMEOUT_S", "nan"),
        ("WEBHOOK_GIVE_UP_S", "0"),
        ("TOPIC_PREFIX", "x" * 101),
        ("LOG_LEVEL", "debug"),
    ],
)
def test_a_value_out_of_bounds_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TELEX_{name}", value)
    with pytest.raises(TelexError, match=f"TELEX_{name}: "):
        load()


def test_several_faults_are_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEX_PARTITIONS", "0")
    monkeypatch.setenv("TELEX_LOG_LEVEL", "LOUD")
    with pytest.raises(TelexError, match=r"^A setting cannot be used: TELEX_PARTITIONS: .*; TELEX_LOG_LEVEL: .*\.$"):
        load()


def test_a_command_reports_a_wrong_setting_in_one_line() -> None:
    environment = {**os.environ, "TELEX_PARTITIONS": NONSENSE, "TELEX_SASL_PASSWORD": "hush-hush"}
    command = [sys.executable, "-m", "streams.cli", "topics"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"telex: A setting cannot be used: TELEX_PARTITIONS: .*\.\n", done.stderr)


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("TELEX_BOOTSTRAP_SERVER", "TELEX_BOOTSTRAP_SERVERS"),
        ("TELEX_KAFKA_BOOTSTRAP_SERVERS", "TELEX_BOOTSTRAP_SERVERS"),
        ("TELEX_PASSWORD", "TELEX_SASL_PASSWORD"),
        ("TELEX_LOGLEVEL", "TELEX_LOG_LEVEL"),
        ("telex_ner_model", "TELEX_NER_MODELS"),
    ],
)
def test_a_mistyped_variable_is_refused_with_the_right_name(
    variable: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "hush-hush")
    with pytest.raises(TelexError) as refused:
        load()
    assert str(refused.value) == f"There is no setting {variable}: did you mean {meant}?"


@pytest.mark.parametrize("service", ["TELEX", "TELEX_BROKER", "TELEX_WEB", "TELEX_ENTITIES"])
def test_the_variables_of_a_kubernetes_service_are_no_mistyped_settings(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "SERVICE_HOST",
        "SERVICE_PORT",
        "SERVICE_PORT_METRICS",
        "PORT_8600_TCP",
        "PORT_8600_TCP_PORT",
        "PORT_8600_TCP_ADDR",
    ):
        monkeypatch.setenv(f"{service}_{name}", "10.0.0.1")
    assert load() == Settings()


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_an_empty_variable_counts_as_unset(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unset = load()
    monkeypatch.setenv(f"TELEX_{name}", "")
    assert load() == unset


def test_an_option_of_a_command_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEX_WEB_PORT", "9000")
    assert load(web_port=9100).web_port == 9100
    assert load(web_port=None).web_port == 9000


def test_the_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "SASL_USERNAME": "desk",
        "SASL_PASSWORD": "hush-hush",
    }.items():
        monkeypatch.setenv(f"TELEX_{name}", value)
    settings = load()
    assert settings.kafka()["sasl_plain_password"] == "hush-hush"
    assert "hush" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    monkeypatch.setenv("TELEX_SECURITY_PROTOCOL", NONSENSE)
    with pytest.raises(TelexError) as refused:
        load()
    assert "hush" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("written", "models"),
    [
        ("es=es_core_news_sm", {"es": "es_core_news_sm"}),
        (" es = es_core_news_sm , de=my-german.model,", {"es": "es_core_news_sm", "de": "my-german.model"}),
    ],
)
def test_entity_models_are_a_package_for_each_language(
    written: str, models: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEX_NER_MODELS", written)
    assert load().ner_models == models


@pytest.mark.parametrize(
    "written", ["es", "es=", "=es_core_news_sm", "es:es_core_news_sm", "Spanish=es_core_news_sm", "es=a b", "es=a;de=b"]
)
def test_entity_models_in_another_form_are_refused_with_an_example(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEX_NER_MODELS", written)
    with pytest.raises(TelexError, match=r"TELEX_NER_MODELS: .*language=package.*es=es_core_news_sm"):
        load()


def test_tls_files_that_cannot_be_read_are_named_by_their_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEX_SECURITY_PROTOCOL", "SSL")
    monkeypatch.setenv("TELEX_SSL_CA_FILE", str(tmp_path / "missing.crt"))
    with pytest.raises(TelexError, match="TELEX_SSL_CA_FILE"):
        load().kafka()
