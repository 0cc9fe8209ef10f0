// The compiled core of ref.h, reference.h and collection.h.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cupel/orm/collection.h"
#include "cupel/orm/ref.h"
#include "cupel/orm/reference.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/session.h"

namespace cupel::orm_internal {
namespace {

std::string KeyText(const engine::Value& value) {
  const engine::ValueView view = value.view();
  switch (view.kind()) {
    case engine::ValueKind::kInt64:
      return absl::StrCat(view.int64_value());
    case engine::ValueKind::kText:
      return std::string(view.bytes());
    case engine::ValueKind::kUuid: {
      std::string text;
      for (unsigned char byte : view.bytes()) {
        absl::StrAppend(&text, absl::Hex(byte, absl::kZeroPad2));
      }
      return text;
    }
    case engine::ValueKind::kDate:
      return absl::StrCat(view.date_days());
    default:
      return value.DebugString();
  }
}

}  // namespace

bool IsEntityOf(const session::EntityRef& ref,
                const session::ObjectType& type) {
  if (!ref) return false;
  if (ref.type() == nullptr) return &ref.state()->object_type() == &type;
  for (const session::EntityType* at = ref.type(); at != nullptr;
       at = at->base()) {
    if (&at->object_type() == &type) return true;
  }
  return false;
}

void* EditOrFail(const session::EntityRef& ref) {
  if (!ref) LoadOrFail(nullptr);
  absl::StatusOr<void*> object = ref.Edit();
  if (!object.ok()) FailAccess(std::move(object).status());
  return *object;
}

void LoadMemberOrFail(const session::EntityRef& ref, size_t offset,
                      session::CallSite site) {
  if (!ref) LoadOrFail(nullptr);
  if (!ref.needs_load()) return;
  if (absl::Status status = ref.LoadProperty(offset, site); !status.ok()) {
    FailAccess(std::move(status));
  }
}

session::EntityRef LoadTargetOrFail(const session::ToOneLink& link,
                                    session::CallSite site) {
  absl::StatusOr<session::EntityRef> target = link.Load(site);
  if (!target.ok()) FailAccess(std::move(target).status());
  return *std::move(target);
}

absl::Span<session::EntityState* const> LoadTargetsOrFail(
    const session::ToManyLink& link, session::CallSite site) {
  // Also when it is loaded: the session counts what is touched.
  if (absl::Status status = link.Load(site); !status.ok()) {
    FailAccess(std::move(status));
  }
  return link.targets();
}

std::string DescribeEntity(const session::EntityRef& ref,
                           const ModelInfo& model) {
  if (!ref) return absl::StrCat("<", model.name, " null>");
  const Lifecycle lifecycle = ref.lifecycle();
  if (ref.type() == nullptr || lifecycle == Lifecycle::kTransient ||
      lifecycle == Lifecycle::kPending) {
    return absl::StrFormat(
        "<%s (%s %p)>", model.name,
        lifecycle == Lifecycle::kPending ? "pending" : "transient",
        ref.object());
  }
  return absl::StrCat(
      "<", model.name, " ",
      absl::StrJoin(session::Session::KeyOf(ref), ", ",
                    [](std::string* out, const engine::Value& value) {
                      out->append(KeyText(value));
                    }),
      ">");
}

}  // namespace cupel::orm_internal
