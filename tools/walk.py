"""Follow a parameter through the program: `uv run python -m tools.walk cli/restore.py:restore:files [--list] [--all] [--but NAME]…`.

Each function is counted once, when the parameter, or what is made of it, is first passed to it, in the order in which the code is written.
A return is an entry into a module that was entered before and left. Callees are found in the code alone: by imports, annotations of
parameters, fields and results, and constructors; a method of a protocol ends there.

The walk goes through the rooms in which the order of steps is decided. It doesn't enter what is behind them (the register, the engine, the
session, the executor, the terminal: these are counted apart), nor what hides a format or a value; with --all it does. Nor does it enter
the functions named by --but, which are other ways to go.
"""

import ast
import sys
from itertools import pairwise

from tools.definitions import Definitions, Function, Name, Scope, pairs

STEPS = ("accountools.cli.", "accountools.operations.")
ENDS = (
    *("accountools.storage.register.", "accountools.storage.engine.", "accountools.operations.session.", "accountools.operations.jobs."),
    *("accountools.operations.workers.", "accountools.operations.cluster."),
    "accountools.cli.context.CommandContext.",
)


class Walk:
    """The functions that a parameter passes."""

    def __init__(self, code: Definitions, others: set[str], *, everywhere: bool) -> None:
        self.code, self.others, self.everywhere = code, others, everywhere
        self.passed: list[Name] = []
        self.ends: list[Name] = []

    def is_end(self, name: Name) -> bool:
        """Whether the walk doesn't go on in a function, but counts it."""
        return not self.everywhere and ".".join(name).startswith(ENDS)

    def enter(self, name: Name, function: Function, kind: Name | None, followed: set[str], types: dict[str, Name]) -> None:
        """Follow the parameter into a function, unless it was there; `types` are the classes of what is passed."""
        if name in self.passed or name in self.ends or name[1] in self.others:
            return
        if self.is_end(name):
            self.ends.append(name)
        if self.is_end(name) or not (self.everywhere or name[0].startswith(STEPS)):
            return
        self.passed.append(name)
        scope = self.code.scope_of(name[0], function, kind)
        scope.types |= types
        scope.followed = followed
        for statement in function.body:
            self.read(scope, statement)

    def read(self, scope: Scope, node: ast.AST) -> None:
        """Read a statement or an expression, in the order in which it is written."""
        match node:
            case ast.Assign() | ast.AnnAssign() if node.value is not None:
                self.read(scope, node.value)
                for target, value in pairs(node):
                    self.bind(scope, target, value)
                return
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                self.read(scope, value)
                self.bind(scope, target, value)
            case ast.withitem(context_expr=value, optional_vars=target):
                self.read(scope, value)
                if target is not None:
                    self.bind(scope, target, value)
                return
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                for one in node.generators:
                    self.read(scope, one)
            case ast.Call():
                for child in ast.iter_child_nodes(node):
                    self.read(scope, child)
                self.call(scope, node)
                return
        for child in ast.iter_child_nodes(node):
            self.read(scope, child)

    def bind(self, scope: Scope, target: ast.expr, value: ast.expr) -> None:
        """A name gets a value."""
        names = [one.id for one in ast.walk(target) if isinstance(one, ast.Name)]
        its = self.code.type_of(scope, value)
        for name in names:
            if its is not None:
                scope.types[name] = its
            if self.holds(scope, value):
                scope.followed.add(name)

    def holds(self, scope: Scope, value: ast.AST) -> bool:
        """Whether an expression has the parameter in it."""
        return any(isinstance(one, ast.Name) and one.id in scope.followed for one in ast.walk(value))

    def call(self, scope: Scope, call: ast.Call) -> None:
        """A call: follow the parameter if it is passed, also to a function that is handed on with it."""
        given = [*call.args, *(one.value for one in call.keywords)]
        holder = call.func.value if isinstance(call.func, ast.Attribute) else None
        is_holder = holder is not None and self.holds(scope, holder)
        if not is_holder and not any(self.holds(scope, one) for one in given):
            return
        if isinstance(holder, ast.Name) and isinstance(call.func, ast.Attribute) and call.func.attr in {"append", "add", "extend"}:
            scope.followed.add(holder.id)
        callee = self.code.callee(scope, call.func)
        if callee is not None:
            name, node, kind = callee
            if isinstance(node, ast.ClassDef):
                member = self.code.member((name[0], node.name), "__init__")
                if member is None or not isinstance(member[1], Function):
                    return
                name, node, kind = (member[0][0], f"{member[0][1]}.__init__"), member[1], (name[0], node.name)
            names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
            if kind is not None and names[:1] in (["self"], ["cls"]):
                names = names[1:]
            passed = dict(zip(names, call.args, strict=False)) | {one.arg: one.value for one in call.keywords if one.arg}
            followed = {one for one, value in passed.items() if self.holds(scope, value)} | ({"self"} if is_holder else set())
            types = {one: its for one, value in passed.items() if (its := self.code.type_of(scope, value)) is not None}
            self.enter(name, node, kind, followed, types)
        for one in given if callee is None or self.is_end(callee[0]) else ():
            handed = self.code.callee(scope, one)
            if handed is not None and isinstance(handed[1], Function):
                parameters = {its.arg for its in handed[1].args.args}
                self.enter(handed[0], handed[1], handed[2], parameters, {})


def count_returns(passed: list[Name]) -> int:
    """How often a module is entered that was left before."""
    returns, left, last = 0, set[str](), ""
    for module, _ in passed:
        if module != last:
            returns += module in left
            left.add(last)
        last = module
    return returns


def main(arguments: list[str]) -> int:
    """Print how many functions and returns there are, and with --list the functions."""
    start, *options = arguments
    path, function, parameter = start.split(":")
    others = {after for one, after in pairwise(options) if one == "--but"}
    walk, name = Walk(Definitions(), others, everywhere="--all" in options), f"accountools.{path.removesuffix('.py').replace('/', '.')}"
    node = walk.code.modules[name].defined[function]
    if not isinstance(node, Function):
        sys.exit(f"{function} is no function")
    walk.enter((name, function), node, None, {parameter}, {})
    if "--list" in options:
        for module, one in walk.passed:
            sys.stdout.write(f"{module.removeprefix('accountools.')}  {one}\n")
    sys.stdout.write(f"{len(walk.passed)} functions, {count_returns(walk.passed)} returns; {len(walk.ends)} behind them\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
