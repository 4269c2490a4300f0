"""A worker: one process that runs the agent of one stage, with its analysis processes."""
