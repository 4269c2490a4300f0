"""A worker with FastStream's Kafka broker, which uses aiokafka.

It follows "Using a Partition Key", https://faststream.ag2.ai/latest/kafka/Publisher/using_a_key/, with a consumer
group as in "Consuming Acknowledgements", https://faststream.ag2.ai/latest/kafka/ack/, whose default policy it keeps
(ACK_FIRST). All other settings are defaults, except that FastStream does not log each message, as no other peer does:
no compression, a commit of the consumer's position every 5 s, a session of 10 s.
"""

import asyncio
from typing import Any

from faststream import Context, FastStream
from faststream.kafka import KafkaBroker

from peers.task import load_task

task = load_task()
broker = KafkaBroker(task.servers, logger=None)
app = FastStream(broker, logger=None)
to_target = broker.publisher(task.target)


@broker.subscriber(task.source, group_id=task.group)
async def analyse(article: dict[str, Any], key: bytes = Context("message.raw_message.key")) -> None:
    """Analyse one article."""
    await to_target.publish(task.analyse(article), key=key)


if __name__ == "__main__":
    asyncio.run(app.run())
