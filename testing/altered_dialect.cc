#include "cupel/testing/altered_dialect.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/dialects/default_dialect.h"

namespace cupel::testing {
namespace {

class Altered final : public engine::Dialect {
 public:
  Altered(std::shared_ptr<const engine::Dialect> base,
          engine::Capabilities capabilities, engine::Syntax syntax)
      : Dialect(base->name(), std::move(capabilities), std::move(syntax)),
        base_(std::move(base)) {}

  engine::Driver& driver() const override { return base_->driver(); }
  absl::StatusOr<std::string> TypeName(
      const engine::Type& type,
      const engine::TypeContext& context) const override {
    return base_->TypeName(type, context);
  }
  absl::StatusOr<engine::Type> ParseTypeName(
      absl::string_view declared) const override {
    return base_->ParseTypeName(declared);
  }
  const engine::Codec* CodecFor(const engine::Type& type) const override {
    return base_->CodecFor(type);
  }
  absl::Status AppendLiteral(const engine::Type& type,
                             const engine::ValueView& logical,
                             std::string* out) const override {
    return base_->AppendLiteral(type, logical, out);
  }
  std::unique_ptr<engine::Catalog> MakeCatalog() const override {
    return base_->MakeCatalog();
  }

 private:
  const std::shared_ptr<const engine::Dialect> base_;
};

}  // namespace

std::shared_ptr<const engine::Dialect> AlteredDialect(
    absl::FunctionRef<void(engine::Capabilities&, engine::Syntax&)> alter) {
  std::shared_ptr<const engine::Dialect> base = DefaultDialect();
  engine::Capabilities capabilities = base->capabilities();
  engine::Syntax syntax = base->syntax();
  alter(capabilities, syntax);
  return std::make_shared<Altered>(std::move(base), std::move(capabilities),
                                   std::move(syntax));
}

}  // namespace cupel::testing
