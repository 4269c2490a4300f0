"""A pipeline with one worker of each stage, whose entities worker can be restarted with other models."""

from __future__ import annotations

from contextlib import ExitStack

from streams.settings import Settings
from streams.stages import ENRICHED
from tests.support.independent_reader import read
from tests.support.processes import WorkerProcess, environment


class SmallPipeline:
    """A pipeline with one worker of each stage.

    Args:
        settings: where the broker is; the topics exist.
        stack: ends the workers.
    """

    entities: WorkerProcess

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.settings, self._stack, self._models = settings, stack, ""
        self._others = [
            stack.enter_context(WorkerProcess(settings, stage, environment(settings)))
            for stage in ("language", "sentiment")
        ]

    def with_models(self, models: str) -> WorkerProcess:
        """The entities worker with these models, ready. It is restarted only if it has other models."""
        if self._models != models or self.entities.process.poll() is not None:
            if self._models:
                self.entities.__exit__(None, None, None)
            self._models = models
            self.entities = self._stack.enter_context(
                WorkerProcess(
                    self.settings, "entities", environment(self.settings, TELEX_NER_MODELS=models), "entities"
                )
            )
        for worker in (self.entities, *self._others):
            worker.wait_ready()
        return self.entities

    def enriched(self) -> dict[str, bytes]:
        """The last enriched record of each article."""
        return {record.key.decode(): record.value for record in read(self.settings, ENRICHED)}
