"""What a page or a program may be sent that nobody means."""

from typing import Any

from hypothesis import strategies as st

junk = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "1",
            "-1",
            "9" * 30,
            "1e5",
            "1e400",
            "9" * 5000,
            "nan",
            "\x00",
            "a\x00b",
            "é" * 300,
            "x" * 5000,
            "[]",
            "{}",
            "null",
            "' OR 1=1 --",
            "<script>alert(1)</script>",
            "2026-11-24",
            "9999-12-31",
            "0001-01-01",
            "25:99",
            "1@2026-11-24T10:00Z",
            "1@9999-12-31T23:59Z",
            "1@0001-01-01T00:00+14:00",
            "c9999999999999999999",
            "06 39 98 12 34",
            "12,13",
            "../../etc",
            "%00",
        ]
    ),
    st.text(max_size=20),
)

numbers = st.sampled_from(
    [0, -1, 2**31, 2**63, -(2**63) - 1, 10**30, 1e20, 1e300, float("inf"), float("nan")]
)
halves = st.sampled_from(["\ud83d", "a\udfff", "\x00", "a\x00b"])
scalars = st.one_of(junk, halves, numbers, st.none(), st.booleans())
values: st.SearchStrategy[Any] = st.one_of(
    scalars, st.lists(scalars, max_size=3), st.dictionaries(junk, scalars, max_size=2)
)
"""Values of JSON, also such as no database stores."""

DEEP = "[" * 100_000 + "]" * 100_000
bodies = st.sampled_from(["", "{", "[]", "null", '"x"', "NaN", DEEP, '{"a": ' * 100_000, "x" * 1_100_000])
"""Bodies that are no JSON of ours."""
