// What the shared codecs have in common. Private to the codecs.

#ifndef CUPEL_ENGINE_KIND_CODEC_H_
#define CUPEL_ENGINE_KIND_CODEC_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"

namespace cupel::engine {

inline absl::Status WrongStorage(absl::string_view what,
                                 const ValueView& storage) {
  return MakeError(
      ErrorKind::kTypeMismatch,
      absl::StrCat("stored ", storage.DebugString(), " is no ", what));
}

// What all codecs share: NULL stays NULL, and kinds are checked.
class KindCodec : public Codec {
 public:
  KindCodec(ValueKind logical, ValueKind storage)
      : logical_(logical), storage_(storage) {}

  absl::Status Encode(const ValueView& logical,
                      BoundValue* storage) const final {
    if (logical.is_null()) {
      storage->view = ValueView::Null();
      return absl::OkStatus();
    }
    if (logical.kind() != logical_) {
      return MakeError(ErrorKind::kInvalidValue,
                       absl::StrCat("expected ", ValueKindName(logical_),
                                    ", was given ", logical.DebugString()));
    }
    return EncodeValue(logical, storage);
  }

  absl::Status Decode(const ValueView& storage,
                      BoundValue* logical) const final {
    if (storage.is_null()) {
      logical->view = ValueView::Null();
      return absl::OkStatus();
    }
    if (storage.kind() != storage_) return DecodeOther(storage, logical);
    return DecodeValue(storage, logical);
  }

 protected:
  // Given values are of the codec's kinds, not NULL.
  virtual absl::Status EncodeValue(const ValueView& logical,
                                   BoundValue* storage) const = 0;
  virtual absl::Status DecodeValue(const ValueView& storage,
                                   BoundValue* logical) const = 0;

  // Given a stored value of another kind.
  virtual absl::Status DecodeOther(const ValueView& storage,
                                   BoundValue*) const {
    return WrongStorage(ValueKindName(logical_), storage);
  }

 private:
  ValueKind logical_;
  ValueKind storage_;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_KIND_CODEC_H_
