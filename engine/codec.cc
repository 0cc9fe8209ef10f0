#include "cupel/engine/codec.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/iso_text.h"
#include "cupel/engine/kind_codec.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/time_of_day.h"
#include "cupel/engine/uuid.h"
#include "cupel/engine/value.h"

namespace cupel::engine {
namespace {

class BoolAsInteger final : public KindCodec {
 public:
  BoolAsInteger() : KindCodec(ValueKind::kBool, ValueKind::kInt64) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    storage->view = ValueView::Int64(logical.bool_value() ? 1 : 0);
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    int64_t value = storage.int64_value();
    if (value != 0 && value != 1) {
      return MakeError(ErrorKind::kTypeMismatch,
                       absl::StrCat("stored integer ", value,
                                    " is no bool: it must be 0 or 1"));
    }
    logical->view = ValueView::Bool(value == 1);
    return absl::OkStatus();
  }
};

class DateAsIsoText final : public KindCodec {
 public:
  DateAsIsoText() : KindCodec(ValueKind::kDate, ValueKind::kText) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    std::string text;
    CUPEL_RETURN_IF_ERROR(AppendIsoDate(logical.date_days(), &text));
    storage->Set(Value::Text(std::move(text)));
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    CUPEL_ASSIGN_OR_RETURN(int32_t days, ParseIsoDate(storage.bytes()));
    logical->view = ValueView::Date(days);
    return absl::OkStatus();
  }
};

class TimeAsIsoText final : public KindCodec {
 public:
  TimeAsIsoText() : KindCodec(ValueKind::kTime, ValueKind::kText) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    CUPEL_ASSIGN_OR_RETURN(TimeOfDay time,
                           TimeOfDay::FromMicros(logical.time_micros()));
    storage->Set(Value::Text(time.ToString()));
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    CUPEL_ASSIGN_OR_RETURN(int64_t micros, ParseIsoTime(storage.bytes()));
    logical->view = ValueView::Time(micros);
    return absl::OkStatus();
  }
};

class TimestampAsIsoText final : public KindCodec {
 public:
  TimestampAsIsoText() : KindCodec(ValueKind::kTimestamp, ValueKind::kText) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    std::string text;
    CUPEL_RETURN_IF_ERROR(
        AppendIsoTimestamp(logical.timestamp_micros(), &text));
    storage->Set(Value::Text(std::move(text)));
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    CUPEL_ASSIGN_OR_RETURN(int64_t micros, ParseIsoTimestamp(storage.bytes()));
    logical->view = ValueView::Timestamp(micros);
    return absl::OkStatus();
  }
};

class IntervalAsOffsetText final : public KindCodec {
 public:
  IntervalAsOffsetText() : KindCodec(ValueKind::kInterval, ValueKind::kText) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    std::string text;
    CUPEL_RETURN_IF_ERROR(AppendIsoTimestamp(logical.interval_micros(), &text));
    storage->Set(Value::Text(std::move(text)));
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    CUPEL_ASSIGN_OR_RETURN(int64_t micros, ParseIsoTimestamp(storage.bytes()));
    logical->view = ValueView::Interval(micros);
    return absl::OkStatus();
  }
};

class UuidAsHexText final : public KindCodec {
 public:
  UuidAsHexText() : KindCodec(ValueKind::kUuid, ValueKind::kText) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    storage->Set(Value::Text(logical.uuid().ToHex()));
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    absl::StatusOr<Uuid> uuid = Uuid::Parse(storage.bytes());
    if (!uuid.ok()) return WrongStorage("uuid", storage);
    logical->Set(Value::Uuid(*uuid));
    return absl::OkStatus();
  }
};

class JsonAsText final : public KindCodec {
 public:
  JsonAsText() : KindCodec(ValueKind::kJson, ValueKind::kText) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    storage->view = ValueView::Text(logical.bytes());
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    logical->view = ValueView::Json(storage.bytes());
    return absl::OkStatus();
  }
};

class EnumAsText final : public KindCodec {
 public:
  EnumAsText() : KindCodec(ValueKind::kText, ValueKind::kText) {}

 private:
  absl::Status EncodeValue(const ValueView& logical,
                           BoundValue* storage) const override {
    storage->view = logical;
    return absl::OkStatus();
  }
  absl::Status DecodeValue(const ValueView& storage,
                           BoundValue* logical) const override {
    logical->view = storage;
    return absl::OkStatus();
  }
};

template <typename Single>
const Codec& Instance() {
  static const Single* const codec = new Single;
  return *codec;
}

}  // namespace

const Codec& BoolAsIntegerCodec() { return Instance<BoolAsInteger>(); }
const Codec& DateAsIsoTextCodec() { return Instance<DateAsIsoText>(); }
const Codec& TimeAsIsoTextCodec() { return Instance<TimeAsIsoText>(); }
const Codec& TimestampAsIsoTextCodec() {
  return Instance<TimestampAsIsoText>();
}
const Codec& IntervalAsOffsetTextCodec() {
  return Instance<IntervalAsOffsetText>();
}
const Codec& UuidAsHexTextCodec() { return Instance<UuidAsHexText>(); }
const Codec& JsonAsTextCodec() { return Instance<JsonAsText>(); }
const Codec& EnumAsTextCodec() { return Instance<EnumAsText>(); }

}  // namespace cupel::engine
