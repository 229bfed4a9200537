"""This file imports well-known Go modules in cells, through the module proxy
that the machine has. The Go tests run the same on a proxy of their own."""

import pytest

from client import run, text

MODULES = {
    "github.com/google/uuid": (
        'fmt.Println(uuid.NewSHA1(uuid.NameSpaceURL, []byte("x")))',
        "4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4\n",
    ),
    "github.com/samber/lo": ("fmt.Println(lo.Uniq([]int{1, 2, 2}))", "[1 2]\n"),
    "gopkg.in/yaml.v3": (
        'var v map[string][]int; err := yaml.Unmarshal([]byte("a: [1, 2]"), &v); fmt.Println(v, err)',
        "map[a:[1 2]] <nil>\n",
    ),
    "github.com/BurntSushi/toml": (
        'var v struct{ A []int }; _, err := toml.Decode("a = [1, 2]", &v); fmt.Println(v, err)',
        "{[1 2]} <nil>\n",
    ),
    "github.com/shopspring/decimal": (
        'fmt.Println(decimal.RequireFromString("0.1").Add(decimal.RequireFromString("0.2")))',
        "0.3\n",
    ),
}


@pytest.mark.parametrize("path", MODULES)
def test_a_well_known_module(kernel, path):
    code, want = MODULES[path]
    reply, outputs = run(kernel, f'import "{path}"\n{code}')
    assert reply["status"] == "ok", "\n".join(reply["traceback"])
    printed = text(outputs)
    assert printed.endswith(want)
    # The version is told once, and can be kept.
    assert f"note: {path} v" in printed
    reply, outputs = run(kernel, f'import "{path}"\n1')
    assert reply["status"] == "ok" and text(outputs) == ""


def test_what_cannot_be_had_is_told(kernel):
    reply, _ = run(kernel, "%get github.com/google/uuid@v99.0.0")
    assert reply["status"] == "error" and reply["ename"] == "import error"
    assert "%get github.com/google/uuid@v99.0.0" in "\n".join(reply["traceback"])
    reply, outputs = run(kernel, "%get github.com/google/uuid@v1.5\nimport \"github.com/google/uuid\"\nfmt.Println(uuid.Nil)")
    assert reply["status"] == "ok"
    assert text(outputs) == "github.com/google/uuid v1.5.0\n00000000-0000-0000-0000-000000000000\n"
