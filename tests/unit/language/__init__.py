"""The language: every form an author may write, what it compiles to, and what each mistake is called."""
