#include "cupel/engine/type.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/container/node_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"

namespace cupel::engine {
namespace {

// An EnumDescriptor with what it refers to.
struct InternedEnumerators {
  explicit InternedEnumerators(const std::vector<std::string>& source)
      : texts(source),
        names(texts.begin(), texts.end()),
        values(texts.size()),
        descriptor{names, values} {
    std::iota(values.begin(), values.end(), 0);
  }

  std::vector<std::string> texts;
  std::vector<absl::string_view> names;
  std::vector<int64_t> values;
  EnumDescriptor descriptor;
};

template <typename Container, typename T>
int IndexOf(const Container& container, const T& element) {
  auto it = std::find(container.begin(), container.end(), element);
  return it == container.end() ? -1 : static_cast<int>(it - container.begin());
}

}  // namespace

int EnumDescriptor::FindName(absl::string_view name) const {
  return IndexOf(names, name);
}

int EnumDescriptor::FindValue(int64_t value) const {
  return IndexOf(values, value);
}

bool Type::SameEnumerators(const EnumDescriptor* a, const EnumDescriptor* b) {
  if (a == b) return true;
  return a != nullptr && b != nullptr && a->names == b->names &&
         a->values == b->values;
}

std::string Type::DebugString() const {
  if (!exact_name.empty()) return std::string(exact_name);
  if (kind == TypeKind::kArray) {
    return absl::StrCat("array of ", ElementOf(*this).DebugString());
  }
  absl::string_view name = TypeKindName(kind);
  if (kind == TypeKind::kNumeric && precision != 0) {
    return absl::StrCat(name, "(", precision, ", ", scale, ")");
  }
  if (length != 0) return absl::StrCat(name, "(", length, ")");
  if (enumerators != nullptr) {
    return absl::StrCat(name, "(", absl::StrJoin(enumerators->names, ", "),
                        ")");
  }
  return std::string(name);
}

absl::string_view TypeKindName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kUnknown:
      return "unknown";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kSmallInteger:
      return "small_integer";
    case TypeKind::kInteger:
      return "integer";
    case TypeKind::kBigInteger:
      return "big_integer";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kNumeric:
      return "numeric";
    case TypeKind::kString:
      return "string";
    case TypeKind::kText:
      return "text";
    case TypeKind::kBinary:
      return "binary";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kInterval:
      return "interval";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kJson:
      return "json";
    case TypeKind::kEnum:
      return "enum";
    case TypeKind::kExact:
      return "exact";
    case TypeKind::kArray:
      return "array";
  }
  return "unknown";
}

absl::string_view InternTypeName(absl::string_view name) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* const names = new absl::node_hash_set<std::string>;
  absl::MutexLock lock(&mutex);
  return *names->emplace(name).first;
}

const EnumDescriptor* InternEnumerators(const std::vector<std::string>& names) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* const enumerators =
      new absl::node_hash_map<std::vector<std::string>,
                              std::unique_ptr<const InternedEnumerators>>;
  absl::MutexLock lock(&mutex);
  std::unique_ptr<const InternedEnumerators>& entry = (*enumerators)[names];
  if (entry == nullptr) entry = std::make_unique<InternedEnumerators>(names);
  return &entry->descriptor;
}

}  // namespace cupel::engine
