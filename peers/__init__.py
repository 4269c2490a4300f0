"""Telex beside its peers: the same three analyses, written with other Kafka clients as their tutorials show it.

Each module named in `peers.systems` is one worker of one peer. The others start, measure and kill these workers, and
the workers of Telex, all in the same way. docs/peers.md explains the comparison. None of this is in the wheel.
"""
