// What hangs on a connection and must learn when it ends. Internal.

#ifndef CUPEL_ENGINE_ATTACHMENT_H_
#define CUPEL_ENGINE_ATTACHMENT_H_

namespace cupel::engine {

class ConnectionCore;

// A link of a connection's list of cursors or of scopes. An object that is
// moved takes its place in the list along.
class Attachment {
 public:
  Attachment() = default;
  Attachment(Attachment&& other) noexcept { TakeFrom(other); }
  Attachment& operator=(Attachment&& other) noexcept {
    if (this != &other) {
      DetachFrom();
      TakeFrom(other);
    }
    return *this;
  }
  ~Attachment() { DetachFrom(); }

 protected:
  // The connection; null when it has gone.
  ConnectionCore* core() const { return core_; }

  void AttachTo(ConnectionCore* core, Attachment** head) {
    core_ = core;
    head_ = head;
    next_ = *head;
    if (next_ != nullptr) next_->previous_ = this;
    *head = this;
  }

  void DetachFrom() {
    if (core_ == nullptr) return;
    (previous_ != nullptr ? previous_->next_ : *head_) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    core_ = nullptr;
    previous_ = next_ = nullptr;
  }

 private:
  friend class ConnectionCore;
  void TakeFrom(Attachment& other) {
    core_ = other.core_;
    if (core_ == nullptr) return;
    head_ = other.head_;
    previous_ = other.previous_;
    next_ = other.next_;
    (previous_ != nullptr ? previous_->next_ : *head_) = this;
    if (next_ != nullptr) next_->previous_ = this;
    other.core_ = nullptr;
    other.previous_ = other.next_ = nullptr;
  }

  ConnectionCore* core_ = nullptr;
  Attachment** head_ = nullptr;
  Attachment* previous_ = nullptr;
  Attachment* next_ = nullptr;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_ATTACHMENT_H_
