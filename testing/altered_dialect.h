// The default dialect with other capabilities or another syntax, as far as its
// database bears them: for what compilers and executions make of a dialect.
//
//   auto dialect = AlteredDialect([](engine::Capabilities& can,
//                                    engine::Syntax&) {
//     can.max_bind_parameters = 999;
//   });
//   Engine::Create({.uri = MemoryUrl(), .dialect = dialect});

#ifndef CUPEL_TESTING_ALTERED_DIALECT_H_
#define CUPEL_TESTING_ALTERED_DIALECT_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "cupel/engine/engine.h"

namespace cupel::testing {

// Not registered: it goes into EngineOptions::dialect.
std::shared_ptr<const engine::Dialect> AlteredDialect(
    absl::FunctionRef<void(engine::Capabilities&, engine::Syntax&)> alter);

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_ALTERED_DIALECT_H_
