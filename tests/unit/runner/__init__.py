"""The runner without processes: forms, the filter of system calls, replies that lie."""
