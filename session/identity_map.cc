#include "cupel/session/identity_map.h"

#include <cstring>

#include "absl/base/optimization.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "cupel/session/change_set.h"

namespace cupel::session {
namespace {

using engine::ValueKind;
using engine::ValueView;

// What tells one key value from another, as bytes or as a number.
bool IsBytes(ValueKind kind) {
  return kind == ValueKind::kText || kind == ValueKind::kBlob ||
         kind == ValueKind::kJson || kind == ValueKind::kUuid;
}

int64_t Bits(const ValueView& value) {
  switch (value.kind()) {
    case ValueKind::kBool:
      return value.bool_value() ? 1 : 0;
    case ValueKind::kInt64:
      return value.int64_value();
    case ValueKind::kDouble: {
      double number = value.double_value();
      int64_t bits;
      std::memcpy(&bits, &number, sizeof(bits));
      return bits;
    }
    case ValueKind::kDate:
      return value.date_days();
    case ValueKind::kTime:
      return value.time_micros();
    case ValueKind::kTimestamp:
      return value.timestamp_micros();
    case ValueKind::kInterval:
      return value.interval_micros();
    default:
      return 0;
  }
}

// An entity of another type of the hierarchy is not meant; all are of the root.
// Whoever looks an entity up reads it next: its object is behind the header.
EntityState* OfType(EntityState* state, const EntityType& type) {
  __builtin_prefetch(state);
  __builtin_prefetch(reinterpret_cast<const char*>(state) + 64);
  __builtin_prefetch(reinterpret_cast<const char*>(state) + 128);
  const bool is_one = &type == &type.root() || state->type()->IsA(type);
  return ABSL_PREDICT_TRUE(is_one) ? state : nullptr;
}

// A key that cannot be bound equals no other, as NULL does.
void Bind(const Property& property, const void* member,
          engine::BoundValue* out) {
  if (!property.ops->bind(member, out).ok()) out->view = ValueView::Null();
}

}  // namespace

void KeyValues::Assign(const EntityType& type, absl::Span<const int> properties,
                       const void* object) {
  bound_.clear();
  views_.clear();
  bound_.resize(properties.size());
  for (size_t i = 0; i < properties.size(); ++i) {
    const Property& property = type.property(properties[i]);
    Bind(property, static_cast<const char*>(object) + property.offset,
         &bound_[i]);
  }
  for (const engine::BoundValue& bound : bound_) views_.push_back(bound.view);
}

void KeyValues::AssignBefore(const EntityType& type, const EditRecord& record) {
  bound_.clear();
  views_.clear();
  bound_.resize(type.primary_key().size());
  for (size_t i = 0; i < bound_.size(); ++i) {
    const Property& property = type.property(type.primary_key()[i]);
    Bind(property, record.before(property), &bound_[i]);
  }
  for (const engine::BoundValue& bound : bound_) views_.push_back(bound.view);
}

bool KeyValues::has_null() const {
  for (const ValueView& view : views_) {
    if (view.is_null()) return true;
  }
  return false;
}

std::optional<int64_t> ReadInteger(const Property& property,
                                   const void* object) {
  const void* member = static_cast<const char*>(object) + property.offset;
  if (property.ops == &engine::TypeOpsOf<int64_t>()) {
    return *static_cast<const int64_t*>(member);
  }
  engine::BoundValue bound;
  Bind(property, member, &bound);
  if (bound.view.kind() != ValueKind::kInt64) return std::nullopt;
  return bound.view.int64_value();
}

size_t HashKey(absl::Span<const ValueView> key) {
  size_t hash = key.size();
  for (const ValueView& value : key) {
    if (IsBytes(value.kind())) {
      hash = absl::HashOf(hash, value.bytes());
    } else if (value.kind() == ValueKind::kDecimal) {
      hash = absl::HashOf(hash, value.decimal());
    } else {
      hash = absl::HashOf(hash, Bits(value));
    }
  }
  return hash;
}

bool EqualKeys(absl::Span<const ValueView> a, absl::Span<const ValueView> b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].kind() != b[i].kind()) return false;
    if (IsBytes(a[i].kind())) {
      if (a[i].bytes() != b[i].bytes()) return false;
    } else if (a[i].kind() == ValueKind::kDecimal) {
      if (!(a[i].decimal() == b[i].decimal())) return false;
    } else if (Bits(a[i]) != Bits(b[i])) {
      return false;
    }
  }
  return true;
}

EntityKey::EntityKey(absl::Span<const ValueView> key) : hash_(HashKey(key)) {
  values_.reserve(key.size());
  for (const ValueView& view : key) values_.emplace_back(view);
}

absl::InlinedVector<ValueView, 2> EntityKey::views() const {
  absl::InlinedVector<ValueView, 2> views;
  for (const engine::Value& value : values_) views.push_back(value.view());
  return views;
}

EntityState* IdentityMap::Find(const EntityType& type, int64_t key) const {
  EntityState* found = maps_[type.root().index()].integers.Find(key);
  return found == nullptr ? nullptr : OfType(found, type);
}

EntityState* IdentityMap::Find(const EntityType& type, View key) const {
  if (type.has_integer_key()) {
    if (key.size() != 1 || key[0].kind() != ValueKind::kInt64) return nullptr;
    return Find(type, key[0].int64_value());
  }
  const auto& map = maps_[type.root().index()].keys;
  auto found = map.find(key);
  return found == map.end() ? nullptr : OfType(found->second, type);
}

EntityState* IdentityMap::Find(const EntityType& type, const EntityType& source,
                               absl::Span<const int> properties,
                               const void* object) const {
  if (type.has_integer_key() && properties.size() == 1) {
    std::optional<int64_t> key =
        ReadInteger(source.property(properties[0]), object);
    return key ? Find(type, *key) : nullptr;
  }
  KeyValues values;
  values.Assign(source, properties, object);
  return Find(type, values.views());
}

EntityState* IdentityMap::Insert(EntityState* state, int64_t key) {
  EntityState*& entry = Entry(state->type()->root(), key);
  if (entry == nullptr) entry = state;
  return entry;
}

EntityState*& IdentityMap::Entry(const EntityType& type, int64_t key) {
  const auto [entry, is_new] = maps_[type.root().index()].integers.Insert(key);
  if (is_new) ++size_;
  return *entry;
}

void IdentityMap::Drop(const EntityType& type, int64_t key) {
  maps_[type.root().index()].integers.Drop(key);
  --size_;
}

EntityState* IdentityMap::Insert(EntityState* state) {
  const EntityType& type = *state->type();
  if (type.has_integer_key()) {
    std::optional<int64_t> key =
        ReadInteger(type.property(type.primary_key()[0]), state->object());
    return key ? Insert(state, *key) : nullptr;
  }
  KeyValues values;
  values.Assign(type, type.primary_key(), state->object());
  if (values.has_null()) return nullptr;
  auto [found, inserted] = maps_[type.root().index()].keys.try_emplace(
      EntityKey(values.views()), state);
  if (inserted) ++size_;
  return found->second;
}

void IdentityMap::EraseKey(const EntityState* state, View key) {
  const EntityType& type = *state->type();
  if (type.has_integer_key()) {
    if (key.size() != 1 || key[0].kind() != ValueKind::kInt64) return;
    IntegerMap& map = maps_[type.root().index()].integers;
    if (map.Find(key[0].int64_value()) != state) return;
    map.Drop(key[0].int64_value());
  } else {
    auto& map = maps_[type.root().index()].keys;
    auto found = map.find(key);
    if (found == map.end() || found->second != state) return;
    map.erase(found);
  }
  --size_;
}

void IdentityMap::Erase(const EntityState* state, const void* object) {
  const EntityType& type = *state->type();
  if (type.has_integer_key()) {
    std::optional<int64_t> key =
        ReadInteger(type.property(type.primary_key()[0]), object);
    if (key) EraseKey(state, {ValueView::Int64(*key)});
    return;
  }
  KeyValues values;
  values.Assign(type, type.primary_key(), object);
  EraseKey(state, values.views());
}

void IdentityMap::Clear() {
  for (TypeMap& map : maps_) {
    map.integers.Clear();
    map.keys.clear();
  }
  size_ = 0;
}

}  // namespace cupel::session
