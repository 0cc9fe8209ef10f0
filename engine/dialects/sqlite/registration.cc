// Registers the dialect in every program that links it.

#include "cupel/engine/dialects/sqlite/sqlite.h"

namespace cupel::sqlite {
namespace {

[[maybe_unused]] const bool registered = Register().ok();

}  // namespace
}  // namespace cupel::sqlite
