"""What the program's code defines: modules, classes and functions, and what a name or an expression in a function stands for.

It is read, not run: by imports, by the annotations of parameters, fields and results, and by constructors.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "accountools"
Function = ast.FunctionDef | ast.AsyncFunctionDef
Name = tuple[str, str]  # of a module, and of what it defines


@dataclass
class Module:
    """What a module defines and imports."""

    name: str
    tree: ast.Module
    defined: dict[str, ast.stmt] = field(default_factory=dict)
    imported: dict[str, Name] = field(default_factory=dict)


def load() -> dict[str, Module]:
    """All modules of the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        module = Module(name, ast.parse(path.read_text("utf-8")))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom):
                module.imported |= {one.asname or one.name: (str(node.module), one.name) for one in node.names}
        module.defined = {node.name: node for node in module.tree.body if isinstance(node, Function | ast.ClassDef)}
        found[name] = module
    return found


@dataclass
class Scope:
    """One function on the way: its own names by their classes, and those that hold the parameter."""

    module: str
    types: dict[str, Name] = field(default_factory=dict)
    followed: set[str] = field(default_factory=set)


class Definitions:
    """All that the package defines."""

    def __init__(self) -> None:
        self.modules = load()

    def resolve(self, module: str, name: str) -> Name | None:
        """What a name in a module is: something that the package defines, or a module of it ("", name)."""
        if module not in self.modules:
            return None
        if name in self.modules[module].defined:
            return module, name
        source, original = self.modules[module].imported.get(name, ("", ""))
        if f"{source}.{original}" in self.modules:
            return f"{source}.{original}", ""
        return self.resolve(source, original) if source in self.modules and source != module else None

    def class_of(self, module: str, annotation: ast.expr | None) -> Name | None:
        """The class of the package that an annotation names; of a union or a collection the first."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval").body
        for node in ast.walk(annotation) if annotation is not None else ():
            if isinstance(node, ast.Name):
                found = self.resolve(module, node.id)
                if found is not None and isinstance(self.node(found), ast.ClassDef):
                    return found
        return None

    def node(self, name: Name) -> ast.stmt | None:
        """The definition of a name."""
        return self.modules[name[0]].defined.get(name[1])

    def bases(self, kind: Name) -> Iterator[Name]:
        """A class and those that it is derived from."""
        yield kind
        definition = self.node(kind)
        for base in definition.bases if isinstance(definition, ast.ClassDef) else ():
            found = self.class_of(kind[0], base)
            if found is not None:
                yield from self.bases(found)

    def member(self, kind: Name, name: str) -> tuple[Name, ast.stmt] | None:
        """A method or a field of a class, with the class that defines it."""
        for base in self.bases(kind):
            definition = self.node(base)
            for one in definition.body if isinstance(definition, ast.ClassDef) else ():
                if getattr(one, "name", getattr(getattr(one, "target", None), "id", None)) == name:
                    return base, one
        return None

    def type_of(self, scope: Scope, value: ast.expr) -> Name | None:
        """The class of what an expression gives."""
        kind: Name | None = None
        if isinstance(value, ast.Name):
            kind = scope.types.get(value.id)
        elif isinstance(value, ast.Attribute) and (holder := self.type_of(scope, value.value)) is not None:
            match self.member(holder, value.attr):
                case (base, ast.AnnAssign(annotation=annotation)):
                    kind = self.class_of(base[0], annotation)
                case (base, ast.FunctionDef(returns=returns)):
                    kind = self._result(base[0], returns, holder)
                case None:
                    kind = next(self._set_in_init(holder, value.attr), None)
        elif isinstance(value, ast.Call) and (callee := self.callee(scope, value.func)) is not None:
            (module, _), node, holder = callee
            kind = (module, node.name) if isinstance(node, ast.ClassDef) else self._result(module, node.returns, holder)
        return kind

    def _result(self, module: str, returns: ast.expr | None, kind: Name | None) -> Name | None:
        return kind if isinstance(returns, ast.Name) and returns.id == "Self" else self.class_of(module, returns)

    def _set_in_init(self, kind: Name, name: str) -> Iterator[Name]:
        found = self.member(kind, "__init__")
        init = found[1] if found is not None else None
        if found is None or not isinstance(init, Function):
            return
        base = found[0]
        scope = self.scope_of(base[0], init, kind)
        for node in ast.walk(init):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target, value in pairs(node):
                    if isinstance(target, ast.Attribute) and target.attr == name and (its := self.type_of(scope, value)) is not None:
                        yield its

    def callee(self, scope: Scope, function: ast.expr) -> tuple[Name, Function | ast.ClassDef, Name | None] | None:
        """What is called: its module and name, its definition, and the class of the object that it is a method of."""
        found: Name | None = None
        if isinstance(function, ast.Name):
            found = self.resolve(scope.module, function.id)
        elif isinstance(function, ast.Attribute):
            kind = self.type_of(scope, function.value)
            if kind is None and isinstance(function.value, ast.Name):
                holder = self.resolve(scope.module, function.value.id)
                if holder is not None and holder[1] == "":
                    found = self.resolve(holder[0], function.attr)
                kind = holder if holder is not None and holder[1] else None
            if kind is not None:
                member = self.member(kind, function.attr)
                if member is not None and isinstance(member[1], Function):
                    return (member[0][0], f"{member[0][1]}.{function.attr}"), member[1], kind
        node = None if found is None else self.node(found)
        return (found, node, None) if found is not None and isinstance(node, Function | ast.ClassDef) else None

    def scope_of(self, module: str, function: Function, kind: Name | None) -> Scope:
        """The scope of a function at its beginning; `kind` is the class of its object."""
        scope = Scope(module)
        for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
            its = kind if one.arg in {"self", "cls"} else self.class_of(module, one.annotation)
            if its is not None:
                scope.types[one.arg] = its
        return scope


def pairs(node: ast.Assign | ast.AnnAssign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets of an assignment, each with its value; side by side those of a tuple."""
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if node.value is None:
            continue
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) and len(target.elts) == len(node.value.elts):
            yield from zip(target.elts, node.value.elts, strict=True)
        else:
            yield target, node.value
