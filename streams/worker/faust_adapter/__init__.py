"""The parts of Faust and aiokafka that Telex replaces.

Each replacement names the version and the fault that it is for.
"""
