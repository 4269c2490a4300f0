"""The benchmark: the pipeline against the same analyses without Kafka and Faust."""
