#include "cupel/query/node.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/base/config.h"
#include "absl/container/inlined_vector.h"
#include "absl/container/node_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace cupel::query_internal {
namespace {

using engine::Type;
using engine::ValueKind;
using engine::ValueView;

// Node memory: blocks of a multiple of kUnit bytes; those of up to kClasses
// units are kept by the thread that frees them, at most kKept of a size.
constexpr size_t kUnit = 32;
constexpr size_t kClasses = 16;
constexpr uint32_t kKept = 4096;

// The sanitizer finds a use after free only in blocks that are really freed.
#if defined(ABSL_HAVE_ADDRESS_SANITIZER)
constexpr bool kReuseBlocks = false;
#else
constexpr bool kReuseBlocks = true;
#endif

struct FreeBlock {
  FreeBlock* next;
};

// Trivial, so that nodes of static storage can still be freed after the
// thread's own objects are gone.
struct FreeLists {
  FreeBlock* head[kClasses];
  uint32_t kept[kClasses];
  bool registered;
  bool closed;
};
constinit thread_local FreeLists free_lists = {};

struct FreeListsCloser {
  ~FreeListsCloser() {
    free_lists.closed = true;
    for (FreeBlock*& head : free_lists.head) {
      while (head != nullptr)
        ::operator delete(std::exchange(head, head->next));
    }
  }
  void Register() { free_lists.registered = true; }
};
thread_local FreeListsCloser free_lists_closer;

void* AllocateBlock(size_t size_class) {
  if (size_class < kClasses) {
    FreeBlock*& head = free_lists.head[size_class];
    if (head != nullptr) {
      --free_lists.kept[size_class];
      return std::exchange(head, head->next);
    }
    return ::operator new((size_class + 1) * kUnit);
  }
  return nullptr;
}

void FreeBlockOf(void* block, size_t size_class) {
  if (kReuseBlocks && size_class < kClasses && !free_lists.closed &&
      free_lists.kept[size_class] < kKept) {
    if (!free_lists.registered) free_lists_closer.Register();
    ++free_lists.kept[size_class];
    free_lists.head[size_class] =
        new (block) FreeBlock{free_lists.head[size_class]};
    return;
  }
  ::operator delete(block);
}

inline uint64_t Mix(uint64_t hash, uint64_t value) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(hash ^ value) * 0x9ddfea08eb382d69u;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t Mix(uint64_t hash, absl::string_view text) {
  hash = Mix(hash, text.size() + 0x1b873593);
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t n = std::min<size_t>(text.size(), sizeof(word));
    std::memcpy(&word, text.data(), n);
    hash = Mix(hash, word + 0x7f4a7c15);
    text.remove_prefix(n);
  }
  return hash;
}

constexpr size_t Aligned(size_t bytes) { return (bytes + 7) & ~size_t{7}; }

// The bytes outside the view that a copy of `value` needs.
size_t OutOfLineBytes(const ValueView& value) {
  switch (value.kind()) {
    case ValueKind::kText:
    case ValueKind::kBlob:
    case ValueKind::kJson:
      return Aligned(value.bytes().size());
    case ValueKind::kUuid:
      return Aligned(sizeof(engine::Uuid));
    case ValueKind::kDecimal:
      return Aligned(sizeof(engine::Decimal));
    default:
      return 0;
  }
}

// A view of a copy of `value` at `*to`, which moves behind the copy.
ValueView CopyValue(const ValueView& value, char** to) {
  char* const at = *to;
  *to += OutOfLineBytes(value);
  const auto copied = [&](absl::string_view bytes) {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return absl::string_view(at, bytes.size());
  };
  switch (value.kind()) {
    case ValueKind::kText:
      return ValueView::Text(copied(value.bytes()));
    case ValueKind::kBlob:
      return ValueView::Blob(copied(value.bytes()));
    case ValueKind::kJson:
      return ValueView::Json(copied(value.bytes()));
    case ValueKind::kUuid:
      std::memcpy(at, value.bytes().data(), sizeof(engine::Uuid));
      return ValueView::UuidBytes(absl::string_view(at, 16));
    case ValueKind::kDecimal:
      static_assert(std::is_trivially_copyable_v<engine::Decimal>);
      std::memcpy(at, &value.decimal(), sizeof(engine::Decimal));
      return ValueView::Decimal(reinterpret_cast<const engine::Decimal*>(at));
    default:
      return value;
  }
}

// Operators whose chains the compiler writes without parentheses and walks
// without recursion: a left operand of the same operator adds no height.
bool Chains(const Node& parent_like, NodeKind kind, uint8_t op) {
  return (kind == NodeKind::kBinary || kind == NodeKind::kClause ||
          kind == NodeKind::kJoin || kind == NodeKind::kCompound) &&
         parent_like.kind() == kind &&
         (kind == NodeKind::kClause || kind == NodeKind::kJoin ||
          parent_like.op() == op);
}

constexpr uint16_t kInherited =
    kHoldsIdentity | kHoldsError | kHoldsBindingItem;

// A statement takes in the items that its expressions refer to.
bool IsStatement(NodeKind kind) { return kind >= NodeKind::kSelect; }

// Whether a node stands for itself: two of them are two FROM items, however
// alike.
bool HasIdentity(const Node& node) {
  switch (node.kind()) {
    case NodeKind::kSubquery:
    case NodeKind::kCte:
    case NodeKind::kTableFunction:
    case NodeKind::kValues:
      return true;
    case NodeKind::kAlias:
      return node.text().empty();
    default:
      return false;
  }
}

}  // namespace

// Fills in a node's header.
class NodeBuilder {
 public:
  static Node* Allocate(const NodeParts& parts, absl::Span<NodeRef> children,
                        size_t payload) {
    const size_t bytes =
        sizeof(Node) + children.size() * sizeof(NodeRef) + payload;
    const size_t size_class = std::min((bytes - 1) / kUnit, kClasses);
    void* block = AllocateBlock(size_class);
    if (block == nullptr) block = ::operator new(bytes);
    Node* node = new (block) Node;
    node->kind_ = parts.kind;
    node->op_ = parts.op;
    node->flags_ = parts.flags;
    node->size_class_ = static_cast<uint32_t>(size_class);
    node->child_count_ = static_cast<uint32_t>(children.size());
    node->text_size_ = static_cast<uint32_t>(parts.text.size());
    node->value_count_ = 0;
    node->type_ = parts.type;
    node->object_ = parts.object;
    Adopt(node, children);
    // Three independent products, then one chain over the children.
    const uint64_t header = (static_cast<uint64_t>(parts.kind) << 24) |
                            (static_cast<uint64_t>(parts.op) << 16) |
                            parts.flags;
    uint64_t hash =
        Mix(header * 0x2545f4914f6cdd1d +
                reinterpret_cast<uintptr_t>(parts.type) * 0x9e3779b97f4a7c15,
            reinterpret_cast<uintptr_t>(parts.object) * 0xd6e8feb86659fd93);
    for (const NodeRef& child : node->children()) {
      hash = Mix(hash, child->hash());
    }
    if (!parts.text.empty()) hash = Mix(hash, parts.text);
    node->hash_ = hash;
    return node;
  }

  static char* payload(Node* node) { return node->payload(); }

  // Text lies first in the payload.
  static void SetText(Node* node, absl::string_view text) {
    if (!text.empty()) std::memcpy(node->payload(), text.data(), text.size());
  }

  static void SetValues(Node* node, absl::Span<const ValueView> values) {
    char* at = node->payload() + Aligned(node->text_size_);
    auto* copies = reinterpret_cast<ValueView*>(at);
    at += values.size() * sizeof(ValueView);
    for (size_t i = 0; i < values.size(); ++i) {
      new (copies + i) ValueView(CopyValue(values[i], &at));
    }
    node->value_count_ = static_cast<uint32_t>(values.size());
    node->bind_count_ = 1;
  }

 private:
  static void Adopt(Node* node, absl::Span<NodeRef> children) {
    auto* slots = reinterpret_cast<NodeRef*>(node + 1);
    uint32_t binds = 0;
    uint32_t height = 0;
    uint16_t inherited = 0;
    for (size_t i = 0; i < children.size(); ++i) {
      const Node& child = *children[i];
      binds += child.bind_count_;
      const bool chained = i == 0 && Chains(child, node->kind_, node->op_);
      height = std::max(height, child.height_ - (chained ? 1 : 0));
      inherited |= child.flags_ & kInherited;
      new (slots + i) NodeRef(std::move(children[i]));
    }
    if (node->kind_ == NodeKind::kCteSelf) {
      binds = 0;
    } else if (node->kind_ == NodeKind::kColumn) {
      if (binds > 0) inherited |= kHoldsBindingItem;
      binds = 0;
    } else if (IsStatement(node->kind_)) {
      inherited &= ~kHoldsBindingItem;
    }
    node->bind_count_ = binds;
    node->height_ = height + 1;
    node->flags_ |= inherited;
    if (HasIdentity(*node)) node->flags_ |= kHoldsIdentity;
  }
};

void Destroy(const Node* dead) {
  // A list of dead nodes, linked through hash_, in place of recursion.
  auto* node = const_cast<Node*>(dead);
  node->hash_ = 0;
  while (node != nullptr) {
    auto* next = reinterpret_cast<Node*>(static_cast<uintptr_t>(node->hash_));
    auto* slots = reinterpret_cast<NodeRef*>(node + 1);
    for (uint32_t i = 0; i < node->child_count_; ++i) {
      auto* child = const_cast<Node*>(slots[i].release());
      if (child->refs_.load(std::memory_order_acquire) == 1 ||
          child->refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        child->hash_ = reinterpret_cast<uintptr_t>(next);
        next = child;
      }
    }
    FreeBlockOf(node, node->size_class_);
    node = next;
  }
}

absl::Span<const ValueView> Node::values() const {
  const char* at = payload() + Aligned(text_size_);
  return {reinterpret_cast<const ValueView*>(at), value_count_};
}

NodeRef ShareNode(const Node& node) {
  node.refs_.fetch_add(1, std::memory_order_relaxed);
  return NodeRef(&node);
}

NodeRef MakeNode(const NodeParts& parts, absl::Span<NodeRef> children) {
  Node* node = NodeBuilder::Allocate(parts, children, parts.text.size());
  NodeBuilder::SetText(node, parts.text);
  return NodeRef(node);
}

NodeRef MakeNode(const NodeParts& parts, NodeRef child) {
  return MakeNode(parts, absl::MakeSpan(&child, 1));
}

NodeRef MakeNode(const NodeParts& parts, NodeRef first, NodeRef second) {
  NodeRef children[] = {std::move(first), std::move(second)};
  return MakeNode(parts, absl::MakeSpan(children));
}

NodeRef MakeValueNode(const NodeParts& parts,
                      absl::Span<const ValueView> values) {
  size_t payload =
      Aligned(parts.text.size()) + values.size() * sizeof(ValueView);
  for (const ValueView& value : values) payload += OutOfLineBytes(value);
  if (payload > (uint64_t{1} << 31)) {
    return MakeErrorNode(
        absl::ResourceExhaustedError("cupel: bound values exceed 2 GiB"));
  }
  Node* node = NodeBuilder::Allocate(parts, {}, payload);
  NodeBuilder::SetText(node, parts.text);
  NodeBuilder::SetValues(node, values);
  return NodeRef(node);
}

const Type* InternType(const Type& type) {
  static auto& mutex = *new absl::Mutex;
  static auto& types = *new absl::node_hash_set<Type>;
  const absl::MutexLock lock(&mutex);
  return &*types.insert(type).first;
}

NodeRef MakeErrorNode(const absl::Status& status) {
  return MakeNode({.kind = NodeKind::kError,
                   .op = static_cast<uint8_t>(status.code()),
                   .flags = kHoldsError,
                   .text = status.message()});
}

absl::Status ErrorOf(const Node& root) {
  const Node* node = &root;
  while (node->has(kHoldsError)) {
    if (node->kind() == NodeKind::kError) {
      return absl::Status(static_cast<absl::StatusCode>(node->op()),
                          node->text());
    }
    for (const NodeRef& child : node->children()) {
      if (!child->has(kHoldsError)) continue;
      node = child.get();
      break;
    }
  }
  return absl::OkStatus();
}

bool SameShape(const Node& first, const Node& second) {
  // Nodes whose identity is their address, as paired so far.
  absl::InlinedVector<std::pair<const Node*, const Node*>, 8> paired;
  absl::InlinedVector<std::pair<const Node*, const Node*>, 64> open;
  open.emplace_back(&first, &second);
  while (!open.empty()) {
    const Node& a = *open.back().first;
    const Node& b = *open.back().second;
    open.pop_back();
    if (&a == &b && !a.has(kHoldsIdentity)) continue;
    if (a.hash_ != b.hash_ || a.kind_ != b.kind_ || a.op_ != b.op_ ||
        a.flags_ != b.flags_ || a.object_ != b.object_ ||
        a.child_count_ != b.child_count_ || a.text_size_ != b.text_size_) {
      return false;
    }
    if (a.type_ != b.type_ &&
        (a.type_ == nullptr || b.type_ == nullptr || *a.type_ != *b.type_)) {
      return false;
    }
    if (a.text_size_ != 0 && a.text() != b.text()) return false;
    if (HasIdentity(a)) {
      bool known = false;
      for (const auto& pair : paired) {
        if ((pair.first == &a) != (pair.second == &b)) return false;
        known = known || pair.first == &a;
      }
      if (known) continue;
      paired.emplace_back(&a, &b);
    }
    for (uint32_t i = 0; i < a.child_count_; ++i) {
      open.emplace_back(a.children()[i].get(), b.children()[i].get());
    }
  }
  return true;
}

size_t BytesBelow(const Node& root) {
  size_t bytes = 0;
  absl::InlinedVector<const Node*, 64> open = {&root};
  while (!open.empty()) {
    const Node& node = *open.back();
    open.pop_back();
    size_t values = 0;
    if (node.value_count_ > 0) {
      for (const ValueView& value : node.values()) {
        values += sizeof(value) + OutOfLineBytes(value);
      }
    }
    bytes += sizeof(Node) + node.child_count_ * sizeof(NodeRef) +
             node.text_size_ + values + kUnit;
    // What columns refer to is counted where it is read.
    if (node.kind_ == NodeKind::kColumn) continue;
    for (const NodeRef& child : node.children()) open.push_back(child.get());
  }
  return bytes;
}

void BindCollector::Collect(const Node& root, absl::Span<const Node*> binds) {
  absl::InlinedVector<const Node*, 64> open;
  size_t filled = binds.size();  // Filled from the end: the stack pops last
  open.push_back(&root);         // children first.
  while (!open.empty()) {
    const Node& node = *open.back();
    open.pop_back();
    if (node.bind_count() == 0) continue;
    if (node.child_count() == 0) {
      binds[--filled] = &node;
      continue;
    }
    for (const NodeRef& child : node.children()) open.push_back(child.get());
  }
}

}  // namespace cupel::query_internal
