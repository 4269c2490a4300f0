"""A worker with Faust: an agent that iterates over its stream, analyses each article and sends it on.

It follows "Quick Start" of Faust, https://faust-streaming.github.io/faust/playbooks/quickstart.html, with the default
serializer (JSON), and "Channels & Topics", https://faust-streaming.github.io/faust/userguide/channels.html, for
`topic.send`. It is started as `python -m peers.faust_chain worker --without-web`. All settings are defaults: no
compression, a commit every 2.8 s, a session of 60 s.
"""

from typing import Any

import faust

from peers.task import load_task

task = load_task()
app = faust.App(task.group, broker=f"kafka://{task.servers}")
source, target = app.topic(task.source), app.topic(task.target)


@app.agent(source)
async def analyse(articles: Any) -> None:
    """Analyse articles until the process is killed."""
    async for key, article in articles.items():
        await target.send(key=key, value=task.analyse(article))


if __name__ == "__main__":
    app.main()
