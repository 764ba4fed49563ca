"""Sales and members read from files: reading, mapping, judging, matching, and feeding the live path.

Everything here but `services`, `members_run` and `sales_run` is pure: plain values in, plain
values out. The policy for every oddity of real files is written down in `docs/imports.md`.
"""
