#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/kind_codec.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::engine {
namespace {

class DecimalAsScaledInteger final : public KindCodec {
 public:
  explicit DecimalAsScaledInteger(int scale)
      : KindCodec(ValueKind::kDecimal, ValueKind::kInt64), scale_(scale) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    CUPEL_ASSIGN_OR_RETURN(int64_t unscaled,
                           logical.decimal().ToUnscaledInt64(scale_));
    storage->view = ValueView::Int64(unscaled);
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    logical->Set(
        Value::Decimal(Decimal::FromInt64(storage.int64_value(), scale_)));
    return absl::OkStatus();
  }
  absl::Status DecodeOther(const ValueView& storage,
                           BoundValue*) const override {
    return MakeError(
        ErrorKind::kTypeMismatch,
        absl::StrCat("stored ", storage.DebugString(),
                     " in a numeric column that keeps scaled integers: declare "
                     "it Numeric(p, s, NumericStorage::kFloating) or kText, "
                     "as it was written"));
  }

  int scale_;
};

class DecimalAsText final : public KindCodec {
 public:
  DecimalAsText() : KindCodec(ValueKind::kDecimal, ValueKind::kText) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    storage->Set(Value::Text(logical.decimal().ToString()));
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    absl::StatusOr<Decimal> decimal = Decimal::Parse(storage.bytes());
    if (!decimal.ok()) return WrongStorage("decimal", storage);
    logical->Set(Value::Decimal(*decimal));
    return absl::OkStatus();
  }
  absl::Status DecodeOther(const ValueView& storage,
                           BoundValue* logical) const override {
    if (storage.kind() != ValueKind::kInt64) {
      return WrongStorage(
          "decimal in text: declare the column "
          "Numeric(p, s, NumericStorage::kFloating), as it was written",
          storage);
    }
    logical->Set(Value::Decimal(storage.int64_value()));
    return absl::OkStatus();
  }
};

class DecimalAsFloating final : public KindCodec {
 public:
  explicit DecimalAsFloating(int scale)
      : KindCodec(ValueKind::kDecimal, ValueKind::kDouble), scale_(scale) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    const Decimal& decimal = logical.decimal();
    double nearest = decimal.ToDouble();
    absl::StatusOr<Decimal> back = Decimal::FromDouble(nearest);
    if (!back.ok() || *back != decimal) {
      return MakeError(ErrorKind::kTooBig,
                       "decimal has too many digits for floating storage: use "
                       "NumericStorage::kText or kScaledInteger");
    }
    storage->view = ValueView::Double(nearest);
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    CUPEL_ASSIGN_OR_RETURN(Decimal shortest,
                           Decimal::FromDouble(storage.double_value()));
    CUPEL_ASSIGN_OR_RETURN(Decimal rounded,
                           shortest.Rescale(scale_, RoundingMode::kHalfEven));
    logical->Set(Value::Decimal(rounded));
    return absl::OkStatus();
  }
  absl::Status DecodeOther(const ValueView& storage,
                           BoundValue* logical) const override {
    // Databases keep a double without a fraction as an integer, too.
    if (storage.kind() != ValueKind::kInt64) {
      return WrongStorage("floating number", storage);
    }
    CUPEL_ASSIGN_OR_RETURN(Decimal scaled,
                           Decimal(storage.int64_value()).Rescale(scale_));
    logical->Set(Value::Decimal(scaled));
    return absl::OkStatus();
  }

  int scale_;
};

// The instance for a scale.
template <typename Scaled>
const Codec& InstanceFor(int scale) {
  static const auto* const codecs = [] {
    auto* all = new std::array<const Scaled*, Decimal::kMaxScale + 1>;
    for (size_t i = 0; i < all->size(); ++i) {
      (*all)[i] = new Scaled(static_cast<int>(i));
    }
    return all;
  }();
  return *(
      *codecs)[static_cast<size_t>(std::clamp(scale, 0, Decimal::kMaxScale))];
}

}  // namespace

const Codec& DecimalAsTextCodec() {
  static const DecimalAsText* const codec = new DecimalAsText;
  return *codec;
}

const Codec& DecimalAsScaledIntegerCodec(int scale) {
  return InstanceFor<DecimalAsScaledInteger>(scale);
}

const Codec& DecimalAsFloatingCodec(int scale) {
  return InstanceFor<DecimalAsFloating>(scale);
}

const Codec& DecimalCodecFor(const Type& type) {
  switch (type.storage) {
    case NumericStorage::kScaledInteger:
      return DecimalAsScaledIntegerCodec(type.scale);
    case NumericStorage::kText:
      break;
    case NumericStorage::kFloating:
      return DecimalAsFloatingCodec(type.scale);
  }
  return DecimalAsTextCodec();
}

}  // namespace cupel::engine
