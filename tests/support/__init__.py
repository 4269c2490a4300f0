"""Helpers that several tests share: processes, faults, topic readers and the checker of the exam."""
