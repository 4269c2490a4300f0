"""Kafka: connections, topics, consumer groups, reading of batches, and the embedded broker."""
