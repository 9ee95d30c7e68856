"""House rules on Python files, read from the syntax tree."""

import ast
from collections.abc import Iterator

from .base import Finding, Registry, Source

PYTHON_RULES = Registry()

MODEL_BASES = {"Model", "TransientModel", "AbstractModel"}
CODE_FOLDERS = ("models", "wizard", "report", "controllers", "tools")
QUERY_METHODS = {
    "search",
    "search_count",
    "search_read",
    "search_fetch",
    "_search",
    "browse",
    "write",
    "execute",
    "execute_query",
    "execute_query_dict",
    "_read_group",
    "formatted_read_group",
}
# `sheet.write(row, column, value)` and `file.write(text)` are not record writes.
NOT_RECORDS = {
    "f",
    "fh",
    "file",
    "stream",
    "buffer",
    "out",
    "output",
    "writer",
    "sheet",
    "worksheet",
    "archive",
    "digest",
    "re",
    "pattern",
}
RECORD_LOOPS = {"filtered", "mapped", "sorted", "grouped"}
MAX_LINES = 400


def name_of(node: ast.AST) -> str:
    """The last part of a dotted name: ``models.Model`` gives ``Model``."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def class_value(node: ast.ClassDef, name: str):
    """The literal assigned to a class attribute, or None."""
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                return ast.literal_eval(statement.value)
            except ValueError:
                return None
    return None


def model_classes(source: Source) -> Iterator[ast.ClassDef]:
    """The classes of a file that are models of the host's ORM."""
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef) and any(name_of(b) in MODEL_BASES for b in node.bases):
            yield node


def model_name(node: ast.ClassDef) -> str:
    """The model a class defines or extends."""
    name = class_value(node, "_name")
    inherit = class_value(node, "_inherit")
    if name:
        return name
    if isinstance(inherit, str):
        return inherit
    return inherit[0] if inherit else ""


def functions(source: Source) -> Iterator[tuple[str, ast.FunctionDef, ast.ClassDef | None]]:
    """Functions of the module and methods of its classes, with a qualified name."""
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node, None
        elif isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    yield f"{node.name}.{item.name}", item, node


def calls_super(function: ast.FunctionDef) -> bool:
    """Whether the function calls the method of the same name on ``super()``."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == function.name
        and isinstance(node.value, ast.Call)
        and name_of(node.value) == "super"
        for node in ast.walk(function)
    )


@PYTHON_RULES.register("one-model-per-file", *CODE_FOLDERS)
def one_model_per_file(source: Source) -> Iterator[Finding]:
    """One model class a file, so that the list of files is the list of what is touched."""
    for node in list(model_classes(source))[1:]:
        yield Finding(
            "one-model-per-file",
            source.path,
            node.name,
            node.lineno,
            "a second model class; give it a file of its own",
        )


@PYTHON_RULES.register("file-named-after-model", *CODE_FOLDERS)
def file_named_after_model(source: Source) -> Iterator[Finding]:
    """A file's name starts with its model's name; an extension file may add a suffix."""
    for node in model_classes(source):
        expected = model_name(node).replace(".", "_")
        if source.stem != expected and not source.stem.startswith(f"{expected}_"):
            yield Finding(
                "file-named-after-model",
                source.path,
                node.name,
                node.lineno,
                f"holds model {model_name(node)!r}; call the file {expected}.py "
                f"or {expected}_<suffix>.py",
            )


@PYTHON_RULES.register("file-length")
def file_length(source: Source) -> Iterator[Finding]:
    """No Python file above 400 lines."""
    lines = source.text.count("\n")
    if lines > MAX_LINES:
        yield Finding(
            "file-length",
            source.path,
            source.stem,
            lines,
            f"{lines} lines, {MAX_LINES} allowed; split it by subject",
        )


def _reads_no_field(function: ast.FunctionDef) -> bool:
    """Whether a method reads nothing of its records but their ids, which never change.

    The host refuses ``@api.depends("id")``, so such a compute can name nothing; what its parent
    reads is named by the parent.
    """
    read = [
        node
        for statement in function.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    ]
    return all(
        node.attr == "id" or (isinstance(node.value, ast.Call) and name_of(node.value) == "super")
        for node in read
    )


@PYTHON_RULES.register("compute-depends", *CODE_FOLDERS)
def compute_depends(source: Source) -> Iterator[Finding]:
    """A compute method says what it reads."""
    for name, function, owner in functions(source):
        if owner is None or not function.name.startswith("_compute_"):
            continue
        if len(function.args.args) > 1 or function.name.endswith("_hook"):
            continue  # a helper or a hook of the host, not the compute of a field
        if _reads_no_field(function):
            continue
        if not {name_of(d) for d in function.decorator_list} & {"depends", "depends_context"}:
            yield Finding(
                "compute-depends",
                source.path,
                name,
                function.lineno,
                "add @api.depends naming every path it reads (or @api.depends_context)",
            )


@PYTHON_RULES.register("create-multi", *CODE_FOLDERS)
def create_multi(source: Source) -> Iterator[Finding]:
    """Overrides of create work on batches and call their parent."""
    for node in model_classes(source):
        for item in node.body:
            if not isinstance(item, ast.FunctionDef) or item.name != "create":
                continue
            if "model_create_multi" not in {name_of(d) for d in item.decorator_list}:
                yield Finding(
                    "create-multi",
                    source.path,
                    f"{node.name}.create",
                    item.lineno,
                    "decorate with @api.model_create_multi and take a list of values",
                )
            elif not calls_super(item):
                yield Finding(
                    "create-multi",
                    source.path,
                    f"{node.name}.create",
                    item.lineno,
                    "call and return super().create(vals_list)",
                )


def _bounded(node: ast.expr) -> bool:
    """Whether a loop runs over a literal, so that data cannot make it longer."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
        return not any(isinstance(item, ast.Starred) for item in ast.iter_child_nodes(node))
    return (
        name_of(node) == "range"
        and isinstance(node, ast.Call)
        and all(isinstance(argument, ast.Constant) for argument in node.args)
    )


def _loop_bodies(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Everything that runs once a record: loop bodies, comprehensions, lambdas of filtered()."""
    for node in ast.walk(function):
        if isinstance(node, ast.For) and not _bounded(node.iter):
            yield from node.body
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            if not _bounded(node.generators[0].iter):
                parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                yield from parts
                for generator in node.generators:
                    yield from generator.ifs
                for generator in node.generators[1:]:
                    yield generator.iter
        elif isinstance(node, ast.Call) and name_of(node) in RECORD_LOOPS:
            yield from (arg.body for arg in node.args if isinstance(arg, ast.Lambda))


def _is_query(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr not in QUERY_METHODS:
        return False
    receiver = node.func.value
    if name_of(receiver) in NOT_RECORDS:
        return False
    if node.func.attr == "write":
        return len(node.args) == 1 and not node.keywords
    return True


@PYTHON_RULES.register("query-in-loop", *CODE_FOLDERS)
def query_in_loop(source: Source) -> Iterator[Finding]:
    """No query or write once a record: group, prefetch or write the set."""
    for name, function, _owner in functions(source):
        seen = set()
        for body in _loop_bodies(function):
            for node in ast.walk(body):
                if _is_query(node) and node.lineno not in seen:
                    seen.add(node.lineno)
                    yield Finding(
                        "query-in-loop",
                        source.path,
                        name,
                        node.lineno,
                        f".{node.func.attr}() inside a loop; work on the whole set "
                        "(_read_group, one search, one write), or list it in allow.txt with "
                        "the reason",
                    )


@PYTHON_RULES.register("no-sql-constraints", *CODE_FOLDERS)
def no_sql_constraints(source: Source) -> Iterator[Finding]:
    """The host ignores `_sql_constraints` with a mere log line."""
    for node in ast.walk(source.tree):
        names = [name_of(t) for t in node.targets] if isinstance(node, ast.Assign) else []
        if "_sql_constraints" in names:
            yield Finding(
                "no-sql-constraints",
                source.path,
                source.stem,
                node.lineno,
                "the host ignores it; use models.Constraint or models.UniqueIndex",
            )


def _elevates(node: ast.AST) -> bool:
    """Whether a call raises the rights of what follows."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    if node.func.attr == "sudo":
        lowers = arguments and isinstance(arguments[0], ast.Constant) and not arguments[0].value
        return not lowers
    return node.func.attr == "with_user" and any(
        name_of(argument) == "SUPERUSER_ID" for argument in arguments
    )


def _with_statement(node: ast.AST, statement: ast.stmt | None = None):
    """Every node below one, each with the innermost statement that holds it."""
    for child in ast.iter_child_nodes(node):
        inner = child if isinstance(child, ast.stmt) else statement
        yield child, inner
        yield from _with_statement(child, inner)


@PYTHON_RULES.register("sudo-reason", *CODE_FOLDERS, "")
def sudo_reason(source: Source) -> Iterator[Finding]:
    """Raised rights carry the reason on their line, on the one before or above the statement."""
    for node, statement in _with_statement(source.tree):
        if not _elevates(node):
            continue
        line = node.func.end_lineno
        places = {line, line - 1, statement.lineno, statement.lineno - 1}
        if not any(_is_reason(source.comments.get(place, "")) for place in places):
            yield Finding(
                "sudo-reason",
                source.path,
                _enclosing(source, node.lineno),
                line,
                f"{node.func.attr}() without a comment that says why",
            )


def _is_reason(comment: str) -> bool:
    return len(comment) >= 10 and not comment.startswith(("noqa", "pylint", "type:"))


def _enclosing(source: Source, line: int) -> str:
    """The qualified name of the function around a line."""
    for name, function, _owner in functions(source):
        if function.lineno <= line <= function.end_lineno:
            return name
    return source.stem


@PYTHON_RULES.register("docstring", *CODE_FOLDERS)
def docstring(source: Source) -> Iterator[Finding]:
    """Public classes and functions, crons and hooks say what they promise.

    A method that calls its parent keeps the parent's promise and needs no second text.
    """
    for node in source.tree.body:
        public = isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        if public and not ast.get_docstring(node):
            yield Finding(
                "docstring",
                source.path,
                node.name,
                node.lineno,
                "a class without a docstring: say what it is for",
            )
    for name, function, _owner in functions(source):
        promised = not function.name.startswith("_") or function.name.startswith(("_cron_", "_on_"))
        if promised and not calls_super(function) and not ast.get_docstring(function):
            yield Finding(
                "docstring",
                source.path,
                name,
                function.lineno,
                "no docstring: meaning, units, errors, source",
            )


@PYTHON_RULES.register("pure-tools", "tools")
def pure_tools(source: Source) -> Iterator[Finding]:
    """`tools/` holds calculation that runs and is tested without the host."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module]
        else:
            continue
        if any(module.split(".")[0] == "odoo" for module in modules):
            yield Finding(
                "pure-tools",
                source.path,
                source.stem,
                node.lineno,
                "imports the host; keep tools pure and pass plain values in",
            )


@PYTHON_RULES.register("no-skipped-test", "tests")
def no_skipped_test(source: Source) -> Iterator[Finding]:
    """A skipped test is a silent hole."""
    for node in ast.walk(source.tree):
        is_name = isinstance(node, ast.Attribute | ast.Name)
        if is_name and name_of(node) in {"skip", "skipIf", "skipUnless", "skipTest", "xfail"}:
            yield Finding(
                "no-skipped-test",
                source.path,
                _enclosing(source, node.lineno),
                node.lineno,
                "tests are not skipped: make it pass or delete it with a reason",
            )
