// Connections over TLS.

#include "cupel/engine/dialects/mariadb/tls.h"

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/value.h"
#include "cupel/testing/fault_proxy.h"
#include "cupel/testing/servers/mariadb_server.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_directory.h"
#include "gtest/gtest.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;
using engine::KindOf;
using engine::ValueView;
using testing::Fault;
using testing::FaultProxy;
using testing::IsOk;
using testing::IsOkAndHolds;

constexpr absl::Duration kTimeout = absl::Milliseconds(200);

// Made for these tests: of "localhost", which it vouches for itself.
constexpr char kCertificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBljCCAT2gAwIBAgIUNx4bg6IsyYafwkJoChtuZdb/1uowCgYIKoZIzj0EAwIw\n"
    "FTETMBEGA1UEAwwKY3VwZWwgdGVzdDAgFw0yNjExMjMxMTI5MDBaGA8yMTI2MTAz\n"
    "MDExMjkwMFowFTETMBEGA1UEAwwKY3VwZWwgdGVzdDBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABP0R69m4xKN9E2nqXiYRthP0RqvGUJ1xADOVl4/bHY1An1SlthAH\n"
    "eKiPe2khegYPNxd9jsl5U4tXt8EhWvQk5QajaTBnMB0GA1UdDgQWBBRFBNDi+4Lz\n"
    "x0220COo2DzxYHSH9jAfBgNVHSMEGDAWgBRFBNDi+4Lzx0220COo2DzxYHSH9jAP\n"
    "BgNVHRMBAf8EBTADAQH/MBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAKBggqhkjOPQQD\n"
    "AgNHADBEAiBHv+YQkMOh+oh3sVt0GDXysNamcIzD5ojG4SA4/nN8zwIgWoToiCr4\n"
    "ZMt56B6i2Aj+AGrt3gn1nu4FAUvA9MgyIMA=\n"
    "-----END CERTIFICATE-----\n";
constexpr char kKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgy6ElqTw7MnO6/PBP\n"
    "RfQOnTHul2W9SlvokLMyLrnc4hehRANCAAT9EevZuMSjfRNp6l4mEbYT9EarxlCd\n"
    "cQAzlZeP2x2NQJ9UpbYQB3ioj3tpIXoGDzcXfY7JeVOLV7fBIVr0JOUG\n"
    "-----END PRIVATE KEY-----\n";

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(directory_.Path("ca.pem")) << kCertificate;
  }

  static testing::MariadbServer& server() {
    // Paths are below the folder of the data. Destroyed at exit.
    static testing::MariadbServer server(
        {.arguments = {"--ssl-cert=../cert.pem", "--ssl-key=../key.pem"}});
    if (server.port() == 0) {
      EXPECT_THAT(server.process().WriteFile("cert.pem", kCertificate), IsOk());
      EXPECT_THAT(server.process().WriteFile("key.pem", kKey), IsOk());
      EXPECT_THAT(server.Start(), IsOk());
    }
    return server;
  }

  std::string Url(absl::string_view host, int port, absl::string_view tls) {
    return absl::StrCat("mariadb://cupel@", host, ":", port, "/test?tls=", tls);
  }
  std::string Url(absl::string_view tls = "required") {
    return Url("127.0.0.1", server().port(), tls);
  }
  std::string Verified(absl::string_view host) {
    return absl::StrCat(Url(host, server().port(), "verify"),
                        "&tls_ca=", directory_.Path("ca.pem"));
  }

  testing::TempDirectory directory_;
};

TEST_F(TlsTest, IsUsedAndChecked) {
  auto db = OpenUrl(Url());
  ASSERT_THAT(db, IsOk());
  auto rows = Select(**db, "SHOW STATUS LIKE 'Ssl_cipher'");
  ASSERT_THAT(rows, IsOk());
  EXPECT_NE((*rows)[0][1].view().bytes(), "");
  ExpectRowsOfAllSizes(**db);
  EXPECT_THAT(OpenUrl(Verified("localhost")), IsOk());
  // It vouches for another name.
  EXPECT_EQ(KindOf(OpenUrl(Verified("127.0.0.1")).status()),
            ErrorKind::kCannotConnect);
}

// S6: nobody vouches for the certificate.
TEST_F(TlsTest, AnUnknownCertificateIsRefused) {
  std::ofstream(directory_.Path("empty.pem"));
  EXPECT_FALSE(OpenUrl(absl::StrCat(Url("verify"),
                                    "&tls_ca=", directory_.Path("empty.pem")))
                   .ok());
  EXPECT_FALSE(OpenUrl(Url("verify")).ok());
  // The system vouches for it, but for another name.
  setenv("SSL_CERT_FILE", directory_.Path("ca.pem").c_str(), 1);
  EXPECT_FALSE(OpenUrl(Url("verify")).ok());
  unsetenv("SSL_CERT_FILE");
}

// E19
TEST_F(TlsTest, StopsAStatementAndKeepsTheConnection) {
  // Without a file of its own, the library reads all of the system's first.
  auto db = OpenUrl(absl::StrCat(Verified("localhost"), "&cancel_grace=30"));
  ASSERT_THAT(db, IsOk());
  EXPECT_EQ(KindOf(Exec(**db,
                        "SELECT COUNT(*) FROM seq_1_to_1000000 a, "
                        "seq_1_to_1000000 b",
                        {}, Deadline::After(kTimeout))),
            ErrorKind::kStatementTimeout);
  EXPECT_TRUE((*db)->is_alive());
  EXPECT_THAT(SelectInteger(**db, "SELECT 7"), IsOkAndHolds(7));
}

// F13, E4: also while much is sent; and no signal ends the program.
TEST_F(TlsTest, LeavesAFrozenServerAtTheDeadline) {
  const std::string much(12 << 20, 'x');
  for (const absl::string_view text :
       {absl::string_view("x"), absl::string_view(much)}) {
    auto db = OpenUrl(Url());
    ASSERT_THAT(db, IsOk());
    auto other = OpenUrl(Url());
    ASSERT_THAT(other, IsOk());
    auto statement = (*db)->Prepare("SELECT LENGTH(?)", {});
    ASSERT_THAT(statement, IsOk());
    server().process().Freeze();
    const absl::Status status =
        (*statement)
            ->Execute({{ValueView::Text(text)}}, Deadline::After(kTimeout));
    server().process().Thaw();
    EXPECT_EQ(KindOf(status), ErrorKind::kStatementTimeout) << status;
    EXPECT_FALSE((*db)->is_alive());
    // What went wrong with one is nothing to the others of its thread.
    EXPECT_THAT(SelectInteger(**other, "SELECT SLEEP(0.01)"), IsOk());
  }
}

// E5
TEST_F(TlsTest, ConnectsUntilTheDeadlineWhenTlsDoesNotBegin) {
  auto proxy = FaultProxy::Start(server().port());
  ASSERT_THAT(proxy, IsOk());
  // The server's greeting, and a part of its answer.
  (*proxy)->ArmAfterAnswer(200, Fault::kBlackhole);
  const absl::Status status =
      OpenUrl(Url("127.0.0.1", (*proxy)->port(), "required"),
              Deadline::After(kTimeout))
          .status();
  EXPECT_EQ(KindOf(status), ErrorKind::kCannotConnect) << status;
  EXPECT_TRUE((*proxy)->AwaitSpoilt(1));
}

}  // namespace
}  // namespace cupel::mariadb_internal
