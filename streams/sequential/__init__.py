"""Runs a task that needs all articles in one order: one active worker, which keeps its state in a topic."""
