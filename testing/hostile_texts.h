// Texts that an attacker, or bad luck, would put where a program takes a value
// or a name.

#ifndef CUPEL_TESTING_HOSTILE_TEXTS_H_
#define CUPEL_TESTING_HOSTILE_TEXTS_H_

#include <string>
#include <vector>

namespace cupel::testing {

// Quotes, comments, placeholders, patterns, controls, NUL, bytes that are not
// UTF-8, long ones; and those of the file that the environment variable
// CUPEL_CORPUS names: C-escaped, one a line; with the address sanitizer each
// fifth of these, whose neighbours are alike. Aborts when it cannot be read.
const std::vector<std::string>& HostileTexts();

// The built-in ones, and each fifth of the file's: for checks that take a
// database long.
std::vector<std::string> FewerHostileTexts();

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_HOSTILE_TEXTS_H_
