# Fluent Bit matches with Onigmo in Ruby's syntax; Ruby's own expressions are the same engine.
# Takes a JSON list of [pattern, text]; gives a list of null or the named groups.
require "json"
pairs = JSON.parse($stdin.read)
puts JSON.generate(pairs.map { |pattern, text|
  found = Regexp.new(pattern).match(text)
  found && found.named_captures
})
