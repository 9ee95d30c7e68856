"""The house rules as checks on source text: no database and no host is needed.

Each check is a function registered under a short name; ``docs/architecture.md`` and the decision
log say why the rules exist. A place where a rule stands in the way of clear code is listed with
its reason in ``allow.txt`` beside this file.
"""
