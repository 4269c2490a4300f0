"""Kafka's own command line tools, which are written in Java."""

import subprocess

from streams.kafka import jars
from streams.kafka.jars import Jar
from streams.settings import Settings

# The tools have a jar of their own, which the broker does not need.
_TOOLS = Jar(
    "org.apache.kafka", "kafka-tools", "4.4.0", "4eb9a7fbfd63badfd8d1a677aa2d54b47b2b2d442ff7d68fd223972afea1954c"
)


def java_tool(settings: Settings, name: str, *arguments: str, stdin: bytes = b"") -> bytes:
    """Run a tool of `org.apache.kafka.tools` to its end, and return its output."""
    classpath = ":".join(map(str, jars.fetch(settings.cache_dir, [*jars.locked(), _TOOLS])))
    command = [
        str(jars.find_java()),
        "-cp",
        classpath,
        f"org.apache.kafka.tools.{name}",
        "--bootstrap-server",
        settings.bootstrap_servers,
    ]
    done = subprocess.run([*command, *arguments], input=stdin, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout
