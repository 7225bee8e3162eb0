"""The strict JSON-schema subset and its grammars. Pure: it must never know a model, an engine or a request.

    owner = SchemaOwner.response_format("person")             # or SchemaOwner.function("f", "tools[0].function")
    schema = read_schema(document, owner, strict=True)        # InvalidRequest, in OpenAI's words
    schema.grammar()                                          # the `grammar` of a completion in llama.cpp
    json_object_grammar()                                     # the same for `json_object`

A grammar of something larger is made of fragments: `schema.fragment("call0")` (or `json_object_fragment("any")`)
gives rules of which `call0` derives the JSON text. All other names in it begin with `call0_` or `CALL0_`, so that
fragments of different names stand side by side:

    HEADER + 'start: "<tool_call>" call0 "</tool_call>"' + "\\n" + schema.fragment("call0")

Reading writes the rules and is what costs (0.1 s for a thousand properties); whoever meets a schema often keeps what
was read. What is fixed beyond the schema, so that a small model comes to an end: white space (as `json.dumps` writes
it), the order of keys, one spelling for each character of a string, at most 15 digits before a number's point and 6
after it (or as many as its bounds need), and recursion (10 values of a kind inside each other). Strings and arrays are
as long as the model makes them, unless the schema says otherwise.
"""

from antiphon.schemas.owners import SchemaOwner
from antiphon.schemas.schema import HEADER, Schema, json_object_fragment, json_object_grammar, read_schema

__all__ = ["HEADER", "Schema", "SchemaOwner", "json_object_fragment", "json_object_grammar", "read_schema"]
