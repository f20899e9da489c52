"""What public packages import besides ``docassemble.base.util``: the inner modules of the reference, under their names.

Packages import from ``docassemble.base.*`` and ``docassemble.webapp.*`` what no documentation describes. An import never fails: what has
a meaning here works (`working`), everything else is a stand-in that says, when it is used, what this server does not have
(`standin`). `finder` makes the modules. No feature of ours is built on any of this.
"""
