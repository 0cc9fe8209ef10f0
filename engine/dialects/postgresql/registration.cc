// Registers the dialect in every program that links it.

#include "cupel/engine/dialects/postgresql/postgresql.h"

namespace cupel::postgresql {
namespace {

[[maybe_unused]] const bool registered = Register().ok();

}  // namespace
}  // namespace cupel::postgresql
