#!/bin/sh
# Draws the pictures (needs graphviz), and writes them into the links of the documentation modules.
set -eu
cd "$(dirname "$0")"
links=../../../src/guide/pictures.md
: > "$links"
for source in *.dot; do
    name=${source%.dot}
    dot -Tsvg "$source" | sed -e '/^<!--/d' -e '/^ -->/d' -e '/^<?xml/d' -e '/^<!DOCTYPE/,/>$/d' > "$name.svg"
    printf '[picture-%s]: data:image/svg+xml;base64,%s\n' "$name" "$(base64 -w0 "$name.svg")" >> "$links"
done
