SUMMARY = "Board-resident reconciler for UEFI capsules and OSTree"
DESCRIPTION = "Brings a board to the firmware and the operating system that its signed plan names, boots both on trial, \
proves them healthy, blesses them or goes back, and reports the evidence over MQTT."
HOMEPAGE = "https://seatrial.dev"
SECTION = "base"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/Apache-2.0;md5=89aea4e17d99a7cacdbeed46a0096b10"

# The bundle and the files beside it: unpack the Debian package (npm run package:deb), or build them in the checkout, and put
# them into a folder "files" beside this recipe.
SRC_URI = " \
    file://agent.js \
    file://bless-boot \
    file://seatrial-agent \
    file://seatrial-agent.service \
    file://seatrial-health.service \
    file://seatrial-agent.preset \
    file://seatrial-agent.sysusers \
    file://seatrial-agent.tmpfiles \
    file://watchdog.conf \
    file://agent.yaml \
"

S = "${WORKDIR}/sources"
UNPACKDIR = "${S}"

inherit allarch systemd features_check

REQUIRED_DISTRO_FEATURES = "systemd usrmerge"

SYSTEMD_SERVICE:${PN} = "seatrial-agent.service seatrial-health.service"
SYSTEMD_AUTO_ENABLE = "enable"

RDEPENDS:${PN} = "nodejs ostree systemd-boot e2fsprogs-chattr"

do_install() {
    install -D -m 0644 ${S}/agent.js ${D}${nonarch_libdir}/seatrial/agent.js
    install -D -m 0755 ${S}/bless-boot ${D}${nonarch_libdir}/seatrial/bless-boot
    install -D -m 0755 ${S}/seatrial-agent ${D}${bindir}/seatrial-agent
    install -D -m 0644 ${S}/seatrial-agent.service ${D}${systemd_system_unitdir}/seatrial-agent.service
    install -D -m 0644 ${S}/seatrial-health.service ${D}${systemd_system_unitdir}/seatrial-health.service
    install -D -m 0644 ${S}/seatrial-agent.preset ${D}${nonarch_libdir}/systemd/system-preset/80-seatrial-agent.preset
    install -D -m 0644 ${S}/watchdog.conf ${D}${nonarch_libdir}/systemd/system.conf.d/80-seatrial-watchdog.conf
    install -D -m 0644 ${S}/seatrial-agent.sysusers ${D}${nonarch_libdir}/sysusers.d/seatrial-agent.conf
    install -D -m 0644 ${S}/seatrial-agent.tmpfiles ${D}${nonarch_libdir}/tmpfiles.d/seatrial-agent.conf
    install -D -m 0644 ${S}/agent.yaml ${D}${docdir}/seatrial-agent/examples/agent.yaml
}

FILES:${PN} += " \
    ${nonarch_libdir}/seatrial \
    ${nonarch_libdir}/systemd \
    ${nonarch_libdir}/sysusers.d \
    ${nonarch_libdir}/tmpfiles.d \
"
