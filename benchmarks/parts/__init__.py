"""The parts of the bench. Each runs in a process and a database of its own and prints figures."""
