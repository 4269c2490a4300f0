"""The parts of Faust and aiokafka that Telex replaces.

Each replacement names the version and the fault that it is for. `tests/unit/test_replacements_of_faust.py` and
`tests/unit/test_replacements_of_aiokafka.py` show each fault on the library's own part: when a test there fails, its
replacement can go.
"""
