#include "cupel/session/test_model.h"

#include <string>
#include <utility>

#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"

namespace cupel::session {

using schema::ForeignKeyAction;
using schema::TableBuilder;

const TestModel& TestModel::Get() {
  static const TestModel* const model = new TestModel();
  return *model;
}

void TestModel::MapUsers() {
  const Table users =
      Add(Keyed("users").Column(Text("name")).Column(Text("email", true)));
  const Table addresses =
      Add(Keyed("addresses")
              .Column(Refers(Integer("user_id", true), "users"))
              .Column(Text("city")));
  schema::ColumnOptions label = Text("label");
  label.unique = true;
  const Table tags = Add(Keyed("tags").Column(label));
  const Table user_tags =
      Add(TableBuilder("user_tags")
              .Column(Refers(Key(Integer("user_id")), "users"))
              .Column(Refers(Key(Integer("tag_id")), "tags")));
  const Table profiles =
      Add(Keyed("profiles")
              .Column(Refers(Integer("user_id", true), "users"))
              .Column(Text("bio")));
  Add<User>({.name = "User",
             .properties = {MEMBER(User, id, users), MEMBER(User, name, users),
                            MEMBER(User, email, users)}},
            users);
  Add<Address>({.name = "Address",
                .properties = {MEMBER(Address, id, addresses),
                               MEMBER(Address, user_id, addresses),
                               MEMBER(Address, city, addresses)}},
               addresses);
  Add<Tag>({.name = "Tag",
            .properties = {MEMBER(Tag, id, tags), MEMBER(Tag, label, tags)}},
           tags);
  Add<Profile>({.name = "Profile",
                .properties = {MEMBER(Profile, id, profiles),
                               MEMBER(Profile, user_id, profiles),
                               MEMBER(Profile, bio, profiles)}},
               profiles);
  Add(LINK(User, addresses, Address, kOneToMany, "user"));
  Add(LINK(Address, user, User, kManyToOne, "addresses"));
  RelationshipSpec user_tag = LINK(User, tags, Tag, kManyToMany, "users");
  user_tag.secondary = user_tags.get();
  Add(user_tag);
  RelationshipSpec tag_user = LINK(Tag, users, User, kManyToMany, "tags");
  tag_user.secondary = user_tags.get();
  Add(tag_user);
  Add(LINK(User, profile, Profile, kOneToOne, "user"));
  Add(LINK(Profile, user, User, kManyToOne, "profile"));
}

void TestModel::MapPosts() {
  const Table categories = Add(Keyed("categories").Column(Text("name")));
  const Table posts =
      Add(Keyed("posts")
              .Column(Refers(Integer("category_id"), "categories"))
              .Column(Text("title"))
              .Column(Integer("score")));
  Add<Category>({.name = "Category",
                 .properties = {MEMBER(Category, id, categories),
                                MEMBER(Category, name, categories)}},
                categories);
  Add<Post>(
      {.name = "Post",
       .properties = {MEMBER(Post, id, posts), MEMBER(Post, category_id, posts),
                      MEMBER(Post, title, posts), MEMBER(Post, score, posts)}},
      posts);
  Add(LINK(Category, posts, Post, kOneToMany, "category"));
  Add(LINK(Post, category, Category, kManyToOne, "posts"));
}

void TestModel::MapFolders() {
  const Table folders = Add(Keyed("folders").Column(Text("name")));
  const Table files = Add(Keyed("files")
                              .Column(Refers(Integer("folder_id"), "folders",
                                             ForeignKeyAction::kCascade))
                              .Column(Text("name")));
  Add<Folder>({.name = "Folder",
               .properties = {MEMBER(Folder, id, folders),
                              MEMBER(Folder, name, folders)}},
              folders);
  Add<File>(
      {.name = "File",
       .properties = {MEMBER(File, id, files), MEMBER(File, folder_id, files),
                      MEMBER(File, name, files)}},
      files);
  Add(LINK(Folder, files, File, kOneToMany, "folder"));
  Add(LINK(File, folder, Folder, kManyToOne, "files"));
}

void TestModel::MapOrders() {
  const Table orders = Add(Keyed("orders").Column(Text("customer")));
  const Table lines = Add(Keyed("order_lines")
                              .Column(Refers(Integer("order_id"), "orders"))
                              .Column(Text("product")));
  Add<Order>({.name = "Order",
              .properties = {MEMBER(Order, id, orders),
                             MEMBER(Order, customer, orders)}},
             orders);
  Add<Line>(
      {.name = "Line",
       .properties = {MEMBER(Line, id, lines), MEMBER(Line, order_id, lines),
                      MEMBER(Line, product, lines)}},
      lines);
  RelationshipSpec order_lines = LINK(Order, lines, Line, kOneToMany, "order");
  order_lines.cascade = Cascade::kAllDeleteOrphan;
  Add(order_lines);
  Add(LINK(Line, order, Order, kManyToOne, "lines"));
}

void TestModel::MapNodes() {
  const Table nodes =
      Add(Keyed("nodes")
              .Column(Refers(Integer("parent_id", true), "nodes"))
              .Column(Text("name")));
  Add<Node>(
      {.name = "Node",
       .properties = {MEMBER(Node, id, nodes), MEMBER(Node, parent_id, nodes),
                      MEMBER(Node, name, nodes)}},
      nodes);
  Add(LINK(Node, parent, Node, kManyToOne, "children"));
  RelationshipSpec children = LINK(Node, children, Node, kOneToMany, "parent");
  children.order_by = {{nodes->FindByName("name"), false}};
  Add(children);
}

void TestModel::MapTeams() {
  const Table teams =
      Add(Keyed("teams")
              .Column(Text("name"))
              .Column(Refers(Integer("captain_id", true), "players",
                             ForeignKeyAction::kNone, /*use_alter=*/true)));
  const Table players =
      Add(Keyed("players")
              .Column(Text("name"))
              .Column(Refers(Integer("team_id", true), "teams")));
  Add<Team>({.name = "Team",
             .properties = {MEMBER(Team, id, teams), MEMBER(Team, name, teams),
                            MEMBER(Team, captain_id, teams)}},
            teams);
  Add<Player>({.name = "Player",
               .properties = {MEMBER(Player, id, players),
                              MEMBER(Player, name, players),
                              MEMBER(Player, team_id, players)}},
              players);
  Add(LINK(Team, captain, Player, kManyToOne, ""));
  Add(LINK(Team, players, Player, kOneToMany, "team"));
  Add(LINK(Player, team, Team, kManyToOne, "players"));
}

void TestModel::MapNotes() {
  schema::ColumnOptions state = Text("state", true);
  state.server_default = schema::SqlFragment::Text("'new'");
  const Table notes = Add(Keyed("notes")
                              .Column(Integer("version"))
                              .Column(Text("text"))
                              .Column(state));
  Add<Note>(
      {.name = "Note",
       .properties = {MEMBER(Note, id, notes), MEMBER(Note, version, notes),
                      MEMBER(Note, text, notes), MEMBER(Note, state, notes)},
       .version_property = "version"},
      notes);
}

void TestModel::MapSeats() {
  const Table seats = Add(TableBuilder("seats")
                              .Column(Key(Integer("row")))
                              .Column(Key(Text("letter")))
                              .Column(Text("guest")));
  Add<Seat>(
      {.name = "Seat",
       .properties = {MEMBER(Seat, row, seats), MEMBER(Seat, letter, seats),
                      MEMBER(Seat, guest, seats)}},
      seats);
}

TestModel::TestModel() {
  MapUsers();
  MapPosts();
  MapFolders();
  MapOrders();
  MapNodes();
  MapTeams();
  MapNotes();
  MapSeats();
  Build();
  user = Type("User");
  address = Type("Address");
  tag = Type("Tag");
  profile = Type("Profile");
  category = Type("Category");
  post = Type("Post");
  folder = Type("Folder");
  file = Type("File");
  order = Type("Order");
  line = Type("Line");
  node = Type("Node");
  team = Type("Team");
  player = Type("Player");
  note = Type("Note");
  seat = Type("Seat");
}

}  // namespace cupel::session
