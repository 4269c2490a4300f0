"""The benchmark: what the pipeline costs compared with the same analyses without Kafka and Faust."""
