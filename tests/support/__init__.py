"""What the tests share: processes, faults, readers of topics, and the checker of the exam."""
