"""Teaches papermill to write parameters in Go.

papermill looks translators up by the name of a kernel, then by its language,
and has no entry point for them. It does import the entry points of engines when
it is imported itself, and this module registers the translator on import.
"""

import math
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

_KEYWORDS = frozenset(
    "break case chan const continue default defer else fallthrough for func go goto if import "
    "interface map package range return select struct switch type var".split()
)


class GoTranslator(Translator):
    """Writes values of JSON and YAML as Go."""

    @classmethod
    def translate_none(cls, val):
        return "any(nil)"

    @classmethod
    def translate_int(cls, val):
        # A constant beyond int does not compile as a variable's value.
        if -(2**63) <= val < 2**63:
            return str(val)
        if 0 <= val < 2**64:
            return f"uint64({val})"
        return f"float64({val})"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "math.NaN()"
        if math.isinf(val):
            return "math.Inf(1)" if val > 0 else "math.Inf(-1)"
        if val == 0 and math.copysign(1, val) < 0:
            return "math.Copysign(0, -1)"  # -0.0 is 0 in Go
        text = repr(val)
        return text if re.search(r"[.e]", text) else text + ".0"

    @classmethod
    def translate_str(cls, val):
        out = []
        for c in val:
            n = ord(c)
            if c in '"\\':
                out.append("\\" + c)
            elif c in "\n\r\t":
                out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[c])
            elif n < 0x20 or n == 0x7F:
                out.append(f"\\x{n:02x}")
            elif 0xD800 <= n < 0xE000:
                out.append("\\ufffd")  # half a surrogate pair is no character
            elif n in (0x2028, 0x2029, 0xFEFF):
                out.append(f"\\u{n:04x}")
            else:
                out.append(c)
        return '"' + "".join(out) + '"'

    # A value that is none of these is written as its text.
    translate_escaped_str = classmethod(lambda cls, val: cls.translate_str(str(val)))

    @classmethod
    def _type(cls, val):
        """Returns the Go type of a value."""
        if isinstance(val, bool):
            return "bool"
        if isinstance(val, int):
            if -(2**63) <= val < 2**63:
                return "int"
            return "uint64" if 0 <= val < 2**64 else "float64"
        if isinstance(val, float):
            return "float64"
        if val is None:
            return "any"
        if isinstance(val, dict):
            return "map[string]" + cls._common(val.values())
        if isinstance(val, list):
            return "[]" + cls._common(val)
        return "string"

    @classmethod
    def _common(cls, vals):
        """Returns the type that holds all values: theirs, or any."""
        types = {cls._type(v) for v in vals}
        if types == {"int", "float64"}:
            return "float64"
        return types.pop() if len(types) == 1 else "any"

    @classmethod
    def translate_list(cls, val):
        return cls._type(val) + "{" + ", ".join(cls._element(v) for v in val) + "}"

    @classmethod
    def translate_dict(cls, val):
        pairs = (f"{cls.translate_str(str(k))}: {cls._element(v)}" for k, v in val.items())
        return cls._type(val) + "{" + ", ".join(pairs) + "}"

    @classmethod
    def _element(cls, val):
        return "nil" if val is None else cls.translate(val)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name, str_val):
        if not name.isidentifier() or name in _KEYWORDS:
            raise ValueError(f"{name!r} is no name of a variable in Go")
        return f"var {name} = {str_val}"

    _LINE = re.compile(
        r"^(?:var\s+|const\s+)?(?P<name>[^\W\d]\w*)\s*(?P<type>[^:=]*?)\s*(?::=|=)\s*(?P<value>.*?)\s*(?://\s*(?P<help>.*))?$"
    )

    @classmethod
    def inspect(cls, parameters_cell):
        """Lists the parameters that stand in lines of their own."""
        found = []
        for line in parameters_cell["source"].splitlines():
            line = line.strip()
            m = cls._LINE.match(line)
            if m is None or line.startswith("//"):
                continue
            name, kind = m.group("name"), m.group("type")
            if name in _KEYWORDS or name == "_" or "," in kind or "(" in kind:
                continue
            found.append(Parameter(name=name, inferred_type_name=kind or "None", default=m.group("value"), help=m.group("help") or ""))
        return found


papermill_translators.register("go", GoTranslator)


class CajalEngine(NBClientEngine):
    """papermill's own engine: it is here for the sake of the import."""
