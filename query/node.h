// The one node family behind every expression, FROM item and statement.
//
// A node is immutable, counted and shared: handles (Expr, FromItem, Select ...)
// hold a NodeRef. Its structural hash is computed when it is made and leaves
// bound values out, so that statements of one shape meet in the statement
// cache. Nodes come from a free list of the thread: building a statement whose
// like was built before allocates nothing.
//
// Layout: the header, the children, then a payload of bytes (a name, a bound
// value with its text, the values of a list, a type). Statements are chains of
// clause nodes, each of which has the statement it was added to as child 0, so
// that deriving one statement from another costs one node.
//
// Threads: nodes are immutable and their counts atomic; share them freely.

#ifndef CUPEL_QUERY_NODE_H_
#define CUPEL_QUERY_NODE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::query_internal {

enum class NodeKind : uint8_t {
  // Expressions. Children in brackets.
  kConstant,        // op: Constant
  kColumn,          // [from item]; object: the schema column, or text: its name
  kBind,            // payload: the value; text is empty or a parameter's name
  kBindList,        // payload: the values of an IN list; op: the tuple's width
  kUnary,           // [operand]; op: Operator
  kBinary,          // [left, right]; op: Operator
  kCustomBinary,    // [left, right]; op: Precedence; text: the operator
  kLike,            // [subject, pattern]; op: LikeKind; flags
  kIn,              // [subject, list or statement]; flags: kNegated
  kBetween,         // [subject, low, high]; flags: kNegated, kSymmetric
  kQuantified,      // [statement or array]; op: 0 for ANY, 1 for ALL
  kSubscript,       // [array, index] or, for a slice, [array, first, last]
  kFunction,        // [arguments]; text: the generic name; flags: kDistinct
  kAggregateOrder,  // [function, orders]
  kFilter,          // [function, condition]
  kWithinGroup,     // [function, orders]
  kOver,            // [function, partition..., orders..., frame bounds]
  kFrame,           // [start bind or none, end bind or none]
  kCase,            // [subject if flag, when, then, ..., else if flag]
  kCast,            // [operand]; op: 1 for the trying form
  kCoerce,          // [operand]: a type without SQL
  kLabel,           // [operand]; text: the label
  kTuple,           // [members]
  kOrder,           // [operand]; op: 1 descending; flags: nulls
  kCollate,         // [operand]; text: the collation
  kExtract,         // [operand]; op: DateField
  kJsonPath,        // [document, path bind]; op: how the leaf is read
  kGrouping,        // [members]; op: GroupingKind
  kNextValue,       // text: a sequence's schema, '\0' and name
  kFragment,        // [binds]; text: SQL with ":name" markers
  kExcluded,        // [column]: its value in a row that an upsert refused
  kLabelName,       // text: the label of a result column that is referred to
  kScalar,          // [statement]: a statement as a value
  kExists,          // [statement]
  // FROM items.
  kTable,          // object: the schema table
  kAlias,          // [table, sample and seed, if any]; text: the name, or empty
                   // for one of ours
  kSubquery,       // [statement]; text: the name; flags: kLateral
  kCte,            // [statement, recursive part if flag]; text: the name
  kCteSelf,        // [base statement]: a recursive reference; text: the name
  kJoin,           // [left, right, on]; op: JoinKind
  kTableFunction,  // [function, columns]; text: the name; flags: kOrdinality
  kValues,         // [rows..., names...]; op: the number of columns
  // Statements.
  kSelect,    // [columns]
  kCompound,  // [statements]; op: SetOperator
  kInsert,    // [table]
  kUpdate,    // [table]
  kDelete,    // [table]
  kText,      // [fragment, column...]
  kClause,    // [statement, members]; op: Clause; object: a detail
  kError,     // op: absl::StatusCode; text: the message
};

enum Flags : uint16_t {
  kNegated = 1,
  kSymmetric = 2,
  kDistinct = 4,
  kLateral = 8,
  kNullsFirst = 16,
  kNullsLast = 32,
  // The subtree holds a FROM item whose identity is the node's address (an
  // unnamed alias, a subquery, a CTE): pointer equality of parts alone does not
  // prove that two trees are alike.
  kHoldsIdentity = 64,
  // The subtree holds a kError node.
  kHoldsError = 128,
  // The subtree refers to a column of a FROM item that has binds of its own.
  kHoldsBindingItem = 256,
  kRecursive = 512,
  kMaterialized = 1024,
  kNotMaterialized = 2048,
  kOrdinality = 4096,
  kHasSubject = 8192,
  kHasElse = 16384,
  kEscaped = 32768,
};

class Node;

// A counted reference to a node; null when default constructed.
class NodeRef {
 public:
  NodeRef() = default;
  explicit NodeRef(const Node* adopted) : node_(adopted) {}
  inline NodeRef(const NodeRef& other);
  NodeRef(NodeRef&& other) noexcept
      : node_(std::exchange(other.node_, nullptr)) {}
  NodeRef& operator=(const NodeRef& other) {
    NodeRef copy(other);
    std::swap(node_, copy.node_);
    return *this;
  }
  NodeRef& operator=(NodeRef&& other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  inline ~NodeRef();

  const Node* get() const { return node_; }
  const Node* operator->() const { return node_; }
  const Node& operator*() const { return *node_; }
  explicit operator bool() const { return node_ != nullptr; }
  // Gives the reference away without counting down.
  const Node* release() { return std::exchange(node_, nullptr); }

 private:
  const Node* node_ = nullptr;
};

class Node {
 public:
  NodeKind kind() const { return head_.kind; }
  uint8_t op() const { return head_.op; }
  bool has(Flags flag) const { return (head_.flags & flag) != 0; }
  uint16_t flags() const { return head_.flags; }
  // Binds below this node, in the canonical order: children first to last. A
  // kColumn has none: the binds of its FROM item belong to the statement.
  uint32_t bind_count() const { return bind_count_; }
  // Nesting as the compiler recurses: chains of one operator count once.
  uint32_t height() const { return height_; }
  uint64_t hash() const { return hash_; }
  // The SQL type of an expression; null when unknown.
  const engine::Type* type() const { return type_; }
  const void* object() const { return object_; }
  template <typename T>
  const T* object_as() const {
    return static_cast<const T*>(object_);
  }

  size_t child_count() const { return head_.child_count; }
  absl::Span<const NodeRef> children() const {
    return {reinterpret_cast<const NodeRef*>(this + 1), child_count()};
  }
  const Node& child(size_t i) const { return *children()[i]; }
  absl::string_view text() const { return {payload(), text_size_}; }
  // The values of a kBind (one) or kBindList.
  absl::Span<const engine::ValueView> values() const;

 private:
  friend class NodeRef;
  friend class NodeBuilder;
  friend class ShapeComparison;
  friend void Destroy(const Node*);
  friend NodeRef ShareNode(const Node&);
  friend void MakeImmortal(const Node&);
  friend size_t BytesBelow(const Node&);

  // Compared in one piece.
  struct Head {
    NodeKind kind;
    uint8_t op;
    uint16_t flags;
    uint32_t child_count;
  };
  static_assert(std::has_unique_object_representations_v<Head>);

  // Counts from here on mean that the node is never destroyed: such a node is
  // shared by threads without writing to it.
  static constexpr uint32_t kImmortal = uint32_t{1} << 31;

  Node() = default;
  char* payload() {
    return reinterpret_cast<char*>(this + 1) + child_count() * sizeof(NodeRef);
  }
  const char* payload() const { return const_cast<Node*>(this)->payload(); }

  void Retain() const {
    if (refs_.load(std::memory_order_relaxed) < kImmortal) {
      refs_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  // Whether that was the last reference.
  bool Release() const {
    // A sole owner needs no atomic read-modify-write.
    const uint32_t refs = refs_.load(std::memory_order_acquire);
    if (refs == 1) return true;
    return refs < kImmortal &&
           refs_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  Head head_;
  mutable std::atomic<uint32_t> refs_{1};
  uint32_t bind_count_;
  uint32_t height_;
  uint32_t text_size_;
  uint32_t value_count_;
  uint32_t size_class_;
  mutable uint64_t hash_;  // The next dead node while trees are destroyed.
  const engine::Type* type_;
  const void* object_;
};

// Frees a node whose count fell to zero, and what only it held, iteratively.
void Destroy(const Node* node);

inline NodeRef::NodeRef(const NodeRef& other) : node_(other.node_) {
  if (node_ != nullptr) node_->Retain();
}

inline NodeRef::~NodeRef() {
  if (node_ != nullptr && node_->Release()) Destroy(node_);
}

// Another reference to a node that is held already.
NodeRef ShareNode(const Node& node);

// Keeps `root` and all below it for the life of the program: references to them
// are no longer counted. For nodes of static storage.
void MakeImmortal(const Node& root);

// What a new node is made of besides its children.
struct NodeParts {
  NodeKind kind;
  uint8_t op = 0;
  uint16_t flags = 0;
  const engine::Type* type = nullptr;  // Must outlive the node.
  const void* object = nullptr;        // Must outlive the node.
  absl::string_view text;              // Copied.
};

// Makes a node over `children`, which it takes.
NodeRef MakeNode(const NodeParts& parts, absl::Span<NodeRef> children = {});
NodeRef MakeNode(const NodeParts& parts, NodeRef child);
NodeRef MakeNode(const NodeParts& parts, NodeRef first, NodeRef second);
// The quick way to what conditions and clauses are made of: two children and
// nothing else.
NodeRef MakePair(NodeKind kind, uint8_t op, const engine::Type* type,
                 const void* object, NodeRef&& first, NodeRef&& second);

// A kBind or kBindList node that owns a copy of `values`.
NodeRef MakeValueNode(const NodeParts& parts,
                      absl::Span<const engine::ValueView> values);

// A kBind node without a name that owns a copy of `value`.
NodeRef MakeBind(const engine::Type* type, const engine::ValueView& value);

// A type equal to `type` that lives for ever. Thread-safe; programs use few
// types.
const engine::Type* InternType(const engine::Type& type);

// A node that makes every statement which holds it fail with `status`.
NodeRef MakeErrorNode(const absl::Status& status);
// The status of the first error below `node`; OK if there is none.
absl::Status ErrorOf(const Node& node);

// Whether two trees differ in bound values only. Recursion is as deep as the
// lower of the two: compile one of them before.
bool SameShape(const Node& a, const Node& b);

// About how much memory the nodes below `root` take; shared ones count anew.
size_t BytesBelow(const Node& root);

// The binds below `root` in the canonical order. `binds` has room for
// `root.bind_count()` pointers. Recursion is as deep as `root` is high: it was
// compiled before.
void CollectBinds(const Node& root, absl::Span<const Node*> binds);

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_NODE_H_
